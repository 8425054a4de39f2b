"""Which Python a process runs, told from its memory: nothing of it is executed, no file name is trusted alone."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from diag.collectors.proc import Proc

# `sys.version` as the interpreter builds it for itself: "3.11.7 (main, Jan  1 2026, 00:00:00) [GCC 13.2.0]".
_VERSION = re.compile(
    rb"(\d\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d+)?\+?) [^\0(]{0,40}\([^\0]{1,200}\)\s*\[([^\0\]]{2,100})\]"
)

_PYTHON_FILE = re.compile(
    r"/(?:lib)?(?P<name>python|pypy|graalpy)(?P<version>\d(?:\.\d+)?)?[^/]*$", re.IGNORECASE
)

_IMPLEMENTATIONS = {"pypy": "PyPy", "graalpy": "GraalPy"}

_LIMIT = 8 << 20
"""Bytes of each mapping that are searched: the interpreter's static data has less than 2 MB."""


class Interpreter(NamedTuple):
    """An implementation of Python and its version, "" where it could not be read."""

    implementation: str
    version: str


class _Mapping(NamedTuple):
    start: int
    end: int
    permissions: str
    path: str


def identify(proc: Proc, pid: int) -> Interpreter | None:
    """Tell which Python a process runs; None where it runs none.

    The version comes from the text that `Py_GetVersion` keeps in the interpreter's static data, which holds for
    an interpreter in a library, in the program itself, and in another mount namespace alike. File names serve
    where that text is not found.

    Raises:
        OSError: the process is gone or may not be looked at.
    """
    mappings = _mappings(proc, pid)
    program = _program(proc, pid)
    named = [match for path in _files(mappings, program) if (match := _PYTHON_FILE.search(path))]
    hosts = {match.string for match in named} | {program}
    for chunk in _static_data(proc, pid, mappings, hosts):
        if text := _VERSION.search(chunk):
            implementation = "PyPy" if text[2].startswith(b"PyPy") else "CPython"
            return Interpreter(implementation, text[1].decode())
    for match in named:
        implementation = _IMPLEMENTATIONS.get(match["name"].lower(), "CPython")
        if implementation != "CPython" or _holds_interpreter(match.string):
            return Interpreter(implementation, match["version"] or "")
    return None


def _holds_interpreter(path: str) -> bool:
    """Whether a file's name is that of an interpreter or its library, and not of something made with it."""
    name = path.rpartition("/")[2]
    return bool(re.fullmatch(r"python[\d.]*[dmtu]*|libpython[\d.]+[dmtu]*\.so[\d.]*", name))


def _program(proc: Proc, pid: int) -> str:
    return proc.link(pid, "exe").removesuffix(" (deleted)")


def _files(mappings: list[_Mapping], program: str) -> list[str]:
    """List the program and the libraries that look like Python's, each once."""
    found = dict.fromkeys([program, *(mapping.path for mapping in mappings if mapping.path.startswith("/"))])
    return [path for path in found if path == program or ".so" in path]


def _mappings(proc: Proc, pid: int) -> list[_Mapping]:
    found = []
    for line in proc.read(pid, "maps").decode(errors="replace").splitlines():
        fields = line.split(None, 5)
        start, end = (int(part, 16) for part in fields[0].split("-"))
        path = fields[5].removesuffix(" (deleted)") if len(fields) > 5 else ""  # noqa: PLR2004 - no path for anonymous memory
        found.append(_Mapping(start, end, fields[1], path))
    return found


def _static_data(proc: Proc, pid: int, mappings: list[_Mapping], hosts: set[str]) -> Iterator[bytes]:
    """Read the writable data of the given files and the anonymous part right behind it (their BSS)."""
    behind = False
    with open(proc.path(pid, "mem"), "rb", buffering=0) as memory:  # noqa: PTH123 - a string
        previous_end = 0
        for mapping in mappings:
            own = mapping.path in hosts
            behind = own or (behind and not mapping.path and mapping.start == previous_end)
            previous_end = mapping.end
            if behind and mapping.permissions.startswith("rw"):
                memory.seek(mapping.start)
                try:
                    yield memory.read(min(mapping.end - mapping.start, _LIMIT))
                except OSError:
                    continue  # unmapped meanwhile
