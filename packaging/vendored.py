"""Adds what is vendored to a CycloneDX document: ``python packaging/vendored.py dist/liangding.cdx.json``.

What is installed from a registry is in requirements.txt, and so in the document already; a file of somebody else's that
is kept here is not.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STATIC = "core/src/liangding/server/console/static"
HTMX = f"{STATIC}/htmx.min.js"


def components() -> list[dict[str, Any]]:
    """What is vendored, with the digest of the file as it is kept."""
    content = (ROOT / HTMX).read_bytes()
    found = re.search(rb'version:"([0-9.]+)"', content)
    if found is None:
        raise SystemExit(f"{HTMX} does not say its version")
    version = found[1].decode()
    purl = f"pkg:npm/htmx.org@{version}"
    return [
        {
            "type": "library",
            "bom-ref": purl,
            "name": "htmx.org",
            "version": version,
            "purl": purl,
            "licenses": [{"license": {"id": "0BSD"}}],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}],
            "properties": [{"name": "liangding:vendored", "value": HTMX}],
        }
    ]


def add(document: Path) -> None:
    """Put them into the document, once each."""
    told = json.loads(document.read_text("utf-8"))
    own = components()
    refs = {each["bom-ref"] for each in own}
    told["components"] = [each for each in told.get("components", []) if each.get("bom-ref") not in refs] + own
    document.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    add(Path(sys.argv[1]))
