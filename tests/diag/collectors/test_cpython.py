"""Tests for finding the interpreter, and for refusing what cannot be read right."""

import struct

import pytest
from made_memory import MadeMemory

from diag.collectors.cpython import identify, images
from diag.collectors.memory import Mapping
from diag.errors import HotloopError

TEXT, DATA = 0x400000, 0x500000
GCC = b"3.11.7 (main, Nov  1 2026, 10:00:00) [GCC 12.2.0]"


def identified(
    version: bytes = GCC, *, name: str = "python3.11", machine: int = 62, bits: int = 2, extra: bytes = b""
) -> tuple[str, int]:
    """Identify a made-up process; give version and minor version."""
    memory = MadeMemory()
    header = b"\x7fELF" + bytes([bits, 1]) + bytes(12) + struct.pack("<H", machine)
    memory.put(TEXT, (header + extra).ljust(4096, b"\0"))
    memory.put(DATA, (bytes(64) + version).ljust(4096, b"\0"))
    mappings = [
        Mapping(TEXT, TEXT + 4096, "r-xp", f"/usr/bin/{name}"),
        Mapping(DATA, DATA + 4096, "rw-p", f"/usr/bin/{name}"),
    ]
    found = identify(memory, mappings, 1234)
    return found.version, found.minor


@pytest.mark.parametrize(
    ("text", "version", "minor"),
    [
        (GCC, "3.11.7", 11),
        (b"3.8.18 (default, May  9 2026, 07:00:00) \n[GCC 9.4.0]", "3.8.18", 8),
        (b"3.15.0a2+ (heads/main:1a2b3c, Oct 26 2026) [Clang 20.1.0 ]", "3.15.0a2+", 15),
    ],
)
def test_versions(text: bytes, version: str, minor: int) -> None:
    """The version is read from what the interpreter keeps for `sys.version`."""
    assert identified(text) == (version, minor)


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        (GCC.replace(b" (main", b" experimental free-threading build (main"), "python3.13t", "free-threaded"),
        (GCC.replace(b" (main", b" free-threading build (main"), "python3.14t", "free-threaded"),
        (GCC, "python3.11d", "debug build"),
        (b"3.10.14 (75b3de9d, Apr 21 2026)\n[PyPy 7.3.16 with GCC 10.2.1]", "pypy3.10", "PyPy"),
        (b"", "libpypy3.10-c.so", "PyPy"),
        (b"3.7.16 (default, May  9 2026) [GCC 12.2.0]", "python3.7", "from 3.8 on"),
        (b"", "nginx", "not a CPython process"),
    ],
)
def test_refusals(text: bytes, name: str, why: str) -> None:
    """Each build that would be read wrong is refused in a sentence."""
    with pytest.raises(HotloopError, match=why):
        identified(text, name=name)


def test_a_debug_build_under_a_plain_name() -> None:
    """A debug build is known by a function that it alone has."""
    with pytest.raises(HotloopError, match="debug build"):
        identified(extra=b"\0gettotalrefcount\0")


@pytest.mark.parametrize(("machine", "bits"), [(3, 1), (40, 1), (243, 2)])
def test_other_machines(machine: int, bits: int) -> None:
    """32-bit programs and other processors are refused."""
    with pytest.raises(HotloopError, match="64-bit"):
        identified(machine=machine, bits=bits)


def test_arm() -> None:
    """64-bit Arm is laid out alike."""
    assert identified(machine=183) == ("3.11.7", 11)


def test_no_mappings() -> None:
    """A kernel thread or an ended process has none."""
    with pytest.raises(HotloopError, match="has no memory"):
        identify(MadeMemory(), [], 2)


def test_zeroed_data_belongs_to_its_image() -> None:
    """Anonymous memory right behind a file's data is part of it; any other is not."""
    mappings = [
        Mapping(0x1000, 0x2000, "rw-p", "/lib/a.so"),
        Mapping(0x2000, 0x3000, "rw-p", ""),
        Mapping(0x4000, 0x5000, "rw-p", ""),
    ]
    (image,) = images(mappings)
    assert image.mappings == tuple(mappings[:2])
    assert image.name == "a.so"
