"""``python -m liangding.cli.alive FILE``: ends with 0 where the server of a deployment file lives on this machine, by
TLS or without, whatever proxy the environment names. For health checks in containers, which have no curl; a URL in the
place of the file is asked as it is."""

from __future__ import annotations

import ssl
import sys
import urllib.request
from pathlib import Path

from ..config import deployment_files, load_deployment

SECONDS = 8.0


def alive(where: str) -> bool:
    """Whether a URL, or ``/v1/live`` of a deployment file's server, answers with 200. ConfigurationError."""
    url = where
    if "://" not in where:
        server = load_deployment(deployment_files([Path(where)])[0]).server
        url = f"{'http' if server.tls is None else 'https'}://127.0.0.1:{server.port}/v1/live"
    unseen = ssl.create_default_context()  # whom it asks is this machine: its certificate names others
    unseen.check_hostname, unseen.verify_mode = False, ssl.CERT_NONE
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unseen))
    try:
        with ask.open(url, timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not alive(sys.argv[1]))
