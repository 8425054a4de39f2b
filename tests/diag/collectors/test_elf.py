"""Tests for symbols of programs as they lie in memory."""

import ctypes
import os
import struct

import pytest
from own_process import Held, Own

from diag.collectors.cpython import images
from diag.collectors.elf import symbol
from diag.collectors.memory import ProcessMemory

BASE = 0x5000_0000
NAMES = b"\0first\0wanted\0"


def test_the_own_interpreter(own: Own) -> None:
    """The address is the one that the loader gives."""
    address = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    found = [
        symbol(own.peek, image.mappings[0].start, b"_PyRuntime")
        for image in images(ProcessMemory(os.getpid()).mappings())
    ]
    assert address in found
    assert set(found) == {address, None}


def made(table: dict[int, bytes], *, relocated: bool) -> Held:
    """Lay out an image with two symbols and a hash table."""
    shift = BASE if relocated else 0
    places = {5: 0x200, 6: 0x300, **dict.fromkeys(table, 0x400)}
    program = struct.pack("<IIQQ32x", 1, 4, 0, 0) + struct.pack("<IIQQ32x", 2, 4, 0x100, 0x100)
    header = b"\x7fELF".ljust(32, b"\0") + struct.pack("<Q", 64) + bytes(16) + struct.pack("<H", 2)
    dynamic = b"".join(struct.pack("<QQ", tag, at + shift) for tag, at in places.items()) + bytes(16)
    symbols = bytes(24) + struct.pack("<IIQQ", 1, 0, 0x111, 8) + struct.pack("<IIQQ", 7, 0, 0x222, 8)
    image = bytearray(0x800)
    for at, data in {
        0: header.ljust(64, b"\0") + program,
        0x100: dynamic,
        0x200: NAMES,
        0x300: symbols,
        0x400: next(iter(table.values())),
    }.items():
        image[at : at + len(data)] = data
    return Held({BASE: bytes(image)})


def gnu_hash(name: bytes) -> int:
    """Hash as the GNU tools do."""
    value = 5381
    for byte in name:
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


SYSV = struct.pack("<6I", 1, 3, 1, 0, 2, 0)
GNU = struct.pack("<4IQI", 1, 1, 1, 0, 0, 1) + struct.pack(
    "<2I", gnu_hash(b"first") & ~1, gnu_hash(b"wanted") | 1
)


@pytest.mark.parametrize("relocated", [False, True], ids=["file addresses", "memory addresses"])
@pytest.mark.parametrize("table", [{4: SYSV}, {0x6FFF_FEF5: GNU}], ids=["sysv", "gnu"])
def test_hash_tables(table: dict[int, bytes], *, relocated: bool) -> None:
    """Both kinds of table are searched, whether the loader changed the addresses or not."""
    image = made(table, relocated=relocated)
    assert symbol(image, BASE, b"wanted") == BASE + 0x222
    assert symbol(image, BASE, b"absent") is None


def test_what_is_no_image() -> None:
    """Anything else has no symbols."""
    assert symbol(Held({BASE: bytes(4096)}), BASE, b"wanted") is None
    assert symbol(Held({}), BASE, b"wanted") is None
