"""A payment channel's mixed orders (医保自费混合收款), by way of the institution's own payment back end."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class ChannelNumbers:
    """Under which numbers the institution's payment back end takes what goes to the channel: placing an ``order``,
    asking for one (``query``), refunding its self-paid part (``refund``), telling of the insurance's refund
    (``refund_notice``). Each is opened in ``[transactions.NUMBER]``, its address in ``platform.routes``. The back end
    signs and encrypts as the channel wants it: the line to the platform has no way to the channel."""

    order: str
    query: str
    refund: str
    refund_notice: str
