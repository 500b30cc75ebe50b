"""The devices of a deployment or of a till: opened by their drivers, asked, and held to what they read."""

from .attached import Devices, devices_of, devices_of_till, open_devices
from .judging import judged

__all__ = ["Devices", "devices_of", "devices_of_till", "judged", "open_devices"]
