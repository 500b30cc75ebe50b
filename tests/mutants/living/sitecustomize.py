"""Lets one mutant live: every Python that starts with this folder before its others takes one module of the core from
another text than its file's. What is told by the environment goes to the processes of tests, too.
"""

from __future__ import annotations

import os
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

_code_of = SourceFileLoader.get_code


def _code_of_mutant(self: SourceFileLoader, fullname: str) -> CodeType | None:
    if fullname != os.environ["MUTANT_MODULE"]:
        return _code_of(self, fullname)
    text = Path(os.environ["MUTANT_SOURCE"]).read_text("utf-8")
    code = compile(text, self.get_filename(fullname), "exec", dont_inherit=True)
    assert isinstance(code, CodeType)
    return code


if "MUTANT_MODULE" in os.environ:
    SourceFileLoader.get_code = _code_of_mutant  # type: ignore[assignment, method-assign]
