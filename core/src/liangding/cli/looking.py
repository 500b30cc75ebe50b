"""Commands that only look: nothing is created and no row is written for them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..config import load_deployment
from ..config.recording import journal_as_it_is
from ..journal import Journal

if TYPE_CHECKING:
    from ..runtime import Runtime


@contextlib.contextmanager
def looking(config: Path) -> Iterator[Runtime]:
    """A runtime on a journal that is only looked at; on an empty one where there is none yet."""
    from ..runtime import Runtime

    deployment = load_deployment(config)
    with journal_as_it_is(deployment) as held, Runtime(deployment, journal=cast(Journal, held)) as runtime:
        yield runtime
