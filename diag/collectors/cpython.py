"""Which interpreter runs in a process: found in its memory alone, so that a chroot or container makes no difference."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from diag.collectors import layout
from diag.collectors.memory import Mapping, Reader, read_pieces
from diag.errors import HotloopError

_VERSION = re.compile(
    rb"(?P<version>3\.\d{1,2}\.\d{1,2}\S{0,20})(?P<threads> (?:experimental )?free-threading build)?"
    rb" \([^\x00]{1,100}\)\s*\[(?P<compiler>[^\x00]{1,80})"
)
"""What `Py_GetVersion` keeps in a static buffer, and `sys.version` shows. It starts with a letter that is not a
class: the search is ten times as fast."""

_MACHINES = {62: "x86-64", 183: "aarch64"}
"""ELF machine numbers whose object layout is known."""

_INTERPRETER = re.compile(r"(?:lib)?(?:python|pypy)\d*(?:\.\d+)?", re.IGNORECASE)

_ZEROED = 16 << 20

_LARGEST = 64 << 20
"""Bytes of one mapping of a program or library that are looked through."""


@dataclass(frozen=True, slots=True)
class Image:
    """A program or library as it lies in memory, with the zero-initialised data behind it."""

    path: str
    mappings: tuple[Mapping, ...]

    @property
    def name(self) -> str:
        """The file's name."""
        return PurePath(self.path.removesuffix(" (deleted)")).name

    def writable(self) -> Iterator[Mapping]:
        """Give the mappings that hold its variables; of large zeroed data, or what follows it, the first 16 MiB."""
        for mapping in self.mappings:
            if mapping.writable:
                yield Mapping(
                    mapping.start,
                    mapping.end if mapping.is_file else min(mapping.end, mapping.start + _ZEROED),
                    mapping.permissions,
                    mapping.path,
                )


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The CPython found in a process."""

    version: str
    """Such as "3.11.7"."""
    minor: int
    image: Image
    """The program or library it lies in."""


def images(mappings: Sequence[Mapping]) -> list[Image]:
    """Group mappings by file; anonymous memory right behind a file's last mapping is its zeroed data."""
    groups: dict[str, list[Mapping]] = {}
    for before, mapping in pairwise((Mapping(0, 0, "", ""), *mappings)):
        if mapping.is_file:
            groups.setdefault(mapping.path, []).append(mapping)
        elif before.is_file and before.writable and before.end == mapping.start and not mapping.path:
            groups[before.path].append(mapping)
    return [Image(path, tuple(group)) for path, group in groups.items()]


def contents(reader: Reader, mappings: Iterable[Mapping]) -> Iterator[tuple[int, bytes]]:
    """Read mappings one after the other: (address, bytes); what cannot be read is left out."""
    for mapping in mappings:
        if mapping.readable:
            piece = read_pieces(reader, [(mapping.start, min(mapping.size, _LARGEST))])[0]
            if piece:
                yield mapping.start, piece


def identify(reader: Reader, mappings: Sequence[Mapping], pid: int) -> Interpreter:
    """Find the interpreter, and refuse what cannot be read right.

    Raises:
        HotloopError: not CPython, too old, or a build whose objects are laid out in another way.
    """
    if not mappings:
        raise HotloopError(f"process {pid} has no memory: it has ended, or it is part of the kernel")
    loaded = images(mappings)
    _check_machine(reader, loaded, pid)
    # The interpreter's own image first: behind that of an extension may lie anything, texts about others included.
    for image in sorted(loaded, key=lambda image: _INTERPRETER.match(image.name) is None):
        for _, data in contents(reader, image.writable()):
            for found in _VERSION.finditer(data):
                if b"PyPy" not in found["compiler"] or "pypy" in image.name.lower():
                    return _checked(reader, found, image, loaded, pid)
    if any("pypy" in image.name for image in loaded):
        raise HotloopError(f"process {pid} runs PyPy: only CPython's tasks can be counted from outside")
    raise HotloopError(f"process {pid} is not a CPython process, or has only just started")


def _checked(
    reader: Reader, found: re.Match[bytes], image: Image, loaded: Sequence[Image], pid: int
) -> Interpreter:
    version = found["version"].decode("ascii", "replace")
    minor = int(version.split(".")[1])
    if b"PyPy" in found["compiler"]:
        raise HotloopError(f"process {pid} runs PyPy: only CPython's tasks can be counted from outside")
    if found["threads"]:
        raise HotloopError(
            f"process {pid} runs a free-threaded build of CPython {version}: its objects are laid out in another"
            " way and cannot be counted from outside"
        )
    if minor < layout.OLDEST:
        raise HotloopError(f"process {pid} runs Python {version}: tasks can be counted from 3.8 on")
    if _is_debug(reader, minor, image, loaded):
        raise HotloopError(
            f"process {pid} runs a debug build of CPython {version}: its memory is laid out in another way and"
            " cannot be counted from outside"
        )
    return Interpreter(version, minor, image)


def _is_debug(reader: Reader, minor: int, image: Image, loaded: Sequence[Image]) -> bool:
    """Tell by the d that a debug build puts into file names (`sys.abiflags`), or by a function it alone has."""
    marks = (f"python3.{minor}d", f".cpython-3{minor}d-")
    if any(mark in loaded_image.name for loaded_image in loaded for mark in marks):
        return True
    constants = (mapping for mapping in image.mappings if not mapping.writable)
    return any(b"gettotalrefcount\0" in data for _, data in contents(reader, constants))


def _check_machine(reader: Reader, loaded: Sequence[Image], pid: int) -> None:
    """Refuse a program of another word size or processor family, by the ELF header of its first file."""
    for image in loaded[:1]:
        header = read_pieces(reader, [(image.mappings[0].start, 24)])[0]
        if not header or not header.startswith(b"\x7fELF"):
            continue
        is_64_bit, is_little = header[4] == 2, header[5] == 1  # noqa: PLR2004 - ELFCLASS64, ELFDATA2LSB
        machine = int.from_bytes(header[18:20], "little")
        if not (is_64_bit and is_little and machine in _MACHINES):
            raise HotloopError(
                f"process {pid} is not a 64-bit {' or '.join(_MACHINES.values())} program: its objects are laid"
                " out in another way and cannot be counted from outside"
            )
