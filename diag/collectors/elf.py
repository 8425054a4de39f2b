"""Symbols of a program or library as it lies in memory: no file is opened, so that its root makes no difference."""

from collections.abc import Iterator

from diag.collectors.peek import HIGHEST, Source, Torn, words

_PROGRAM_HEADER = 56
_LOAD, _DYNAMIC = 1, 2
_NULL, _HASH, _STRTAB, _SYMTAB, _GNU_HASH = 0, 4, 5, 6, 0x6FFF_FEF5
_SYMBOL = 24
_MOST_DYNAMIC = 128
_MOST_CHAIN = 4096
"""Symbols in one bucket beyond which a table is not believed."""


def symbol(source: Source, base: int, name: bytes) -> int | None:
    """Find an exported symbol of the ELF image whose header lies at `base`; None where it has none of that name.

    The dynamic section leads to the hash table that the loader itself searches (System V gABI, GNU_HASH).
    """
    try:
        bias, table = _dynamic(source, base)
        if _GNU_HASH in table:
            found = _gnu(source, table, name)
        elif _HASH in table:
            found = _sysv(source, table, name)
        else:
            return None
        for index in found:
            entry, value, _ = words(source, table[_SYMTAB] + index * _SYMBOL, 3)
            if _named(source, table[_STRTAB] + (entry & 0xFFFFFFFF), name) and value:
                return bias + value
    except (Torn, KeyError):
        return None
    return None


def _dynamic(source: Source, base: int) -> tuple[int, dict[int, int]]:
    """Give what is added to the addresses in the file, and the dynamic section's entries as addresses in memory."""
    header = source.read(base, 64)
    if not header.startswith(b"\x7fELF"):
        raise Torn(base)
    start = int.from_bytes(header[32:40], "little")
    count = int.from_bytes(header[56:58], "little")
    bias = dynamic = None
    for number in range(count):
        kind, offset, address = words(source, base + start + number * _PROGRAM_HEADER, 3)
        if kind & 0xFFFFFFFF == _LOAD and offset == 0:
            bias = base - address
        elif kind & 0xFFFFFFFF == _DYNAMIC:
            dynamic = address
    if bias is None or dynamic is None:
        raise Torn(base)
    table = {}
    for number in range(_MOST_DYNAMIC):
        tag, value = words(source, bias + dynamic + number * 16, 2)
        if tag == _NULL:
            break
        # glibc's loader puts addresses in memory in the place of those in the file; musl's does not.
        table[tag] = value + bias if 0 <= value + bias < HIGHEST and value < bias else value
    return bias, table


def _gnu(source: Source, table: dict[int, int], name: bytes) -> Iterator[int]:
    """Give the indices of the symbols that may have the name, from a GNU hash table."""
    at = table[_GNU_HASH]
    head, tail = words(source, at, 2)
    buckets, first, bloom = head & 0xFFFFFFFF, head >> 32, tail & 0xFFFFFFFF
    wanted = 5381
    for byte in name:
        wanted = (wanted * 33 + byte) & 0xFFFFFFFF
    heads = at + 16 + 8 * bloom
    index = _half(source, heads + 4 * (wanted % buckets))
    chains = heads + 4 * buckets
    for _ in range(_MOST_CHAIN if index >= first else 0):
        value = _half(source, chains + 4 * (index - first))
        if value | 1 == wanted | 1:
            yield index
        if value & 1:
            return
        index += 1


def _sysv(source: Source, table: dict[int, int], name: bytes) -> Iterator[int]:
    """Give the indices of the symbols that may have the name, from a System V hash table."""
    at = table[_HASH]
    buckets = _half(source, at)
    wanted = 0
    for byte in name:
        wanted = (wanted << 4) + byte
        wanted = (wanted ^ ((wanted & 0xF000_0000) >> 24)) & 0x0FFF_FFFF
    index = _half(source, at + 8 + 4 * (wanted % buckets))
    for _ in range(_MOST_CHAIN):
        if not index:
            return
        yield index
        index = _half(source, at + 8 + 4 * (buckets + index))


def _half(source: Source, address: int) -> int:
    return int.from_bytes(source.read(address, 4), "little")


def _named(source: Source, address: int, name: bytes) -> bool:
    return source.read(address, len(name) + 1) == name + b"\0"
