"""Liangding (两定): connects hospital and pharmacy software to China's medical-insurance platform.

What most programs need is here: ``Runtime`` makes single calls, ``Flows`` whole pieces of business, ``Keeper`` keeps a
deployment in order meanwhile.

    with Runtime.from_file("deployment.toml") as runtime, Keeper(runtime):
        view = Flows(runtime).start("pharmacy_purchase", {...}, key="receipt number")
"""

from ._moved import keep_old_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .flows import Flows as Flows
    from .jobs.keeper import Keeper as Keeper
    from .runtime import Runtime as Runtime

__version__ = "0.1.0"

__all__ = ["Flows", "Keeper", "Runtime"]

_PLACES = {"Flows": "liangding.flows", "Keeper": "liangding.jobs.keeper", "Runtime": "liangding.runtime"}
"""Loaded when they are first asked for: the command's version needs none of them."""

keep_old_names()

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found: object = getattr(import_module(_PLACES[name]), name)
        globals()[name] = found
        return found
