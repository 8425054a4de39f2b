"""Which installed distribution a source file belongs to, told from the metadata that installers leave beside it.

Nothing is imported, and no interpreter is asked, so that it works for the files of any process, in a container too.
"""

import functools
import os
import re
from typing import NamedTuple

from diag.rooted import inside

_INSTALLED = re.compile(r".*/(?:site|dist)-packages(?=/)")
_EGG = re.compile(r"(?P<name>[^/-]+)-(?P<version>[^/-]+)[^/]*\.egg(?:/|$)")

_HEADER = 8 << 10
"""Bytes of a metadata file that hold name and version: its description comes behind."""


class Distribution(NamedTuple):
    """What an installer has put down about a distribution."""

    path: str
    """Its folder of metadata (`NAME-VERSION.dist-info`, `.egg-info`), or the file that Debian has instead."""
    key: str
    """Its name in lower case, with dots and underscores as hyphens."""


def distribution(path: str, root: str = "/") -> str:
    """Name the distribution that a file belongs to.

    Args:
        path: of the source file, as the process sees it.
        root: directory under which the process's files are found.

    Returns:
        "name version"; "" for the user's own files (those of an editable install too), for the standard library, and
        where nothing is known.
    """
    if not (installed := _INSTALLED.match(path)):
        return ""
    folder, file = installed[0], path[installed.end() + 1 :]
    if egg := _EGG.match(file):
        return f"{egg['name']} {egg['version']}"
    found = _owner(inside(folder, root), file)
    return _title(found.path) if found else ""


@functools.lru_cache(maxsize=4096)
def _owner(folder: str, file: str) -> Distribution | None:
    """Find the distribution that has put a file into a folder, by the list of its files, or else by names."""
    found = _by_likeness(_distributions(folder), file)
    line = f"\n{file},".encode()
    for candidate in found:
        if line in _record(candidate.path):
            return candidate
    # Debian leaves no list, and setuptools' of old is another; a generated file is in none.
    named = [candidate for candidate in found if _is_prefix(candidate.key, file)]
    if named:
        return max(named, key=lambda candidate: len(candidate.key))
    top = file.partition("/")[0].removesuffix(".py")
    providers = [
        candidate
        for candidate in found
        if top in _content(f"{candidate.path}/top_level.txt").decode().split()
    ]
    return providers[0] if len(providers) == 1 else None


@functools.lru_cache(maxsize=64)
def _distributions(folder: str) -> tuple[Distribution, ...]:
    """List the distributions of a folder."""
    try:
        entries = sorted(os.listdir(folder))  # noqa: PTH208 - names, not paths
    except OSError:
        return ()
    return tuple(
        Distribution(f"{folder}/{entry}", _key(entry.rpartition(".")[0].partition("-")[0]))
        for entry in entries
        if entry.endswith((".dist-info", ".egg-info"))
    )


def _by_likeness(distributions: tuple[Distribution, ...], file: str) -> list[Distribution]:
    """Put first those that are called like the file's package, for whose list is found there need not be searched."""
    top = _key(file.partition("/")[0].removesuffix(".py"))

    def unlike(candidate: Distribution) -> tuple[bool, bool]:
        return candidate.key != top, top not in candidate.key

    return sorted(distributions, key=unlike)


def _is_prefix(key: str, file: str) -> bool:
    """Whether a distribution is called like the package that a file is in: `zope.interface` has zope/interface/."""
    return f"{_key(file.removesuffix('.py').replace('/', '.'))}-".startswith(f"{key}-")


def _key(name: str) -> str:
    """Make names equal that package indexes take for one (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.lru_cache(maxsize=1024)
def _title(path: str) -> str:
    """Read name and version from the metadata, or else from the name of their folder."""
    fields: dict[str, str] = {}
    for name in ("/METADATA", "/PKG-INFO", ""):
        for line in _content(path + name)[:_HEADER].decode(errors="replace").splitlines():
            if not line.strip():
                break
            field, _, value = line.partition(":")
            fields.setdefault(field, value.strip())
        if {"Name", "Version"} <= fields.keys():
            return f"{fields['Name']} {fields['Version']}"
    name, _, version = path.rpartition("/")[2].rpartition(".")[0].partition("-")
    return f"{name} {version.partition('-')[0]}".rstrip()


@functools.lru_cache(maxsize=64)
def _record(path: str) -> bytes:
    """Read the list of a distribution's files, a line each behind a line break; next to nothing without one."""
    return b"\n" + _content(f"{path}/RECORD")


def _content(path: str) -> bytes:
    """Read a file as a whole; b"" if there is none."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a string
            return file.read()
    except OSError:
        return b""
