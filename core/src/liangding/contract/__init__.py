"""What Liangding and its plugins agree on: all that a province's plugin or a device's driver has to import."""
