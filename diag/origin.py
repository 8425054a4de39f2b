"""Where a frame's code comes from: the user's own, asyncio, the rest of the standard library, a package."""

import enum
import re
from collections.abc import Sequence

_PACKAGES = re.compile(r"/(?:site|dist)-packages/([^/]+)")
_STDLIB = re.compile(r"/(?:lib|lib64)/(?:python|pypy)\d[\d.]*t?/(?:lib-dynload/)?([^/]+)")
_ZIPPED = re.compile(r"/python\d+\.zip/([^/]+)")
_PLUMBING = frozenset({"asyncio", "selectors", "uvloop"})
_METER = re.compile(r"/diag/testing/(?:counters|selectorloop|uvloops|wrapping)\.py$")
"""What `diag.testing` wraps around an event loop."""


class Origin(enum.Enum):
    """Whose code a frame is."""

    OWN = "own"
    ASYNCIO = "asyncio"
    """The event loop's plumbing: asyncio, selectors, uvloop, and the meter on it."""
    LIBRARY = "library"
    """The rest of the standard library and installed packages."""


def origin(file: str, own: Sequence[str] = ()) -> Origin:
    """Tell whose code `file` is, by its path alone, so that it works for files of another machine.

    Args:
        file: path as the sampler gave it; "" and names such as `<frozen runpy>` count as library.
        own: parts of paths that are the user's own even where they lie among installed packages.
    """
    if any(part in file for part in own):
        return Origin.OWN
    name = package(file)
    if name in _PLUMBING or _METER.search(file):
        return Origin.ASYNCIO
    return Origin.LIBRARY if name else Origin.OWN


def package(file: str) -> str:
    """Name the package or standard module that `file` belongs to, "" for anything else.

    What has no file (native code, frozen modules) belongs to `Python`; but code that was given as a text, such as
    `<string>` or `<template>`, is the user's.
    """
    if not file or file.startswith(("<frozen", "<native", "<built-in", "<unknown")):
        return "Python"
    match = _PACKAGES.search(file) or _STDLIB.search(file) or _ZIPPED.search(file)
    return match.group(1).removesuffix(".py").partition(".")[0] if match else ""
