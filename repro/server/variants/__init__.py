"""The variants of the log view, a module each, with the same coroutine: `view(request, log)`.

`diff buggy.py hardened.py` is the lesson.
"""

import importlib
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from repro.server.names import VARIANTS
from repro.server.podlog import PodLog

View = Callable[[web.Request, PodLog], Awaitable[web.StreamResponse]]


NAMES: Final = VARIANTS


def load() -> dict[str, View]:
    """Import the variants and give the view of each by name."""
    return {name: importlib.import_module(f"{__name__}.{name}").view for name in NAMES}
