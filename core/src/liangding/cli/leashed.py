"""``python -m liangding.cli.leashed``: a command that ends when whoever started it is no more, however that ended: the
starter alone holds the other end of its standard input, and the system closes it (Windows, too)."""

from __future__ import annotations

import threading

from ..server.processes import end_with
from . import main

if __name__ == "__main__":
    threading.Thread(target=end_with, args=(0,), name="leash", daemon=True).start()
    main()
