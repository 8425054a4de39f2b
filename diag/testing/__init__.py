"""Checks for asyncio in tests and servers: what a test leaves behind, whether its event loop spins, what a loop does.

- `find_leaks()` looks for what is left and changes nothing; `Baseline` says what was there before.
- `verify_none()` waits a little for it to go away, and raises `LeakError`; `verify_none_async()` does so within a coroutine.
- `LoopMeter` counts an event loop's turns, also in a server.
- The pytest plugin checks tests marked `@pytest.mark.diag`, or all of them with `--diag-check=error`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diag.testing.finding import Baseline, find_leaks
    from diag.testing.leaks import Leak
    from diag.testing.meter import LoopCounts, LoopMeter
    from diag.testing.verifying import LeakError, verify_none, verify_none_async
    from diag.testing.warning import DiagWarning

__all__ = [
    "Baseline",
    "DiagWarning",
    "Leak",
    "LeakError",
    "LoopCounts",
    "LoopMeter",
    "find_leaks",
    "verify_none",
    "verify_none_async",
]

_HOMES = {
    "Baseline": "finding",
    "DiagWarning": "warning",
    "Leak": "leaks",
    "LeakError": "verifying",
    "LoopCounts": "meter",
    "LoopMeter": "meter",
    "find_leaks": "finding",
    "verify_none": "verifying",
    "verify_none_async": "verifying",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: the plugin is loaded by every pytest, and must cost next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
