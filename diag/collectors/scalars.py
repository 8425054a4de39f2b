"""Readers of numbers, texts and bytes."""

import struct

from diag.collectors.atoms import bytes_of, text_of
from diag.collectors.content import LARGEST, TEXT, Content, Item, Reading, digest, digest_of
from diag.collectors.instances import instance
from diag.collectors.peek import WORD, Torn, words

_DIGESTED = 256
"""Bytes that count at each end."""

_DIGIT_BITS = 30
_MOST_DIGITS = 8
_STEPS = {"range_iterator": (2, 3, 4), "_io.BytesIO": (3, 4), "_io.StringIO": (3, 4)}
"""Words of an object that tell how far it has come, where that is not its third one."""

_LV_TAG = 12
"""Minor version since which an int has its sign in the low bits of a tag."""


def none(_: Reading, item: Item) -> Content:
    """Read None."""
    return Content(item.kind, None, "None", item.kind.digest)


def boolean(reading: Reading, item: Item) -> Content:
    """Read a bool."""
    value = bool(_number(reading, item))
    return Content(item.kind, None, str(value), digest(item.kind.digest, value))


def integer(reading: Reading, item: Item) -> Content:
    """Read an int, or a member of an enum that is one."""
    number = _number(reading, item)
    if item.kind.heap:
        return instance(reading, item, str(number)[:TEXT], number)
    return Content(item.kind, None, str(number)[:TEXT], digest(item.kind.digest, number))


def _number(reading: Reading, item: Item) -> int:
    """Read sign and number of digits, then digits of 30 bits, the lowest first; of a huge one the lowest eight."""
    tag = item.word(2)
    if reading.minor >= _LV_TAG:
        count, sign = tag >> 3, 1 - (tag & 3)
    else:
        tag = tag - (1 << 64) if tag >> 63 else tag
        count, sign = abs(tag), (tag > 0) - (tag < 0)
    if count > LARGEST:
        raise Torn(item.address)
    end = 3 * WORD + 4 * min(count, _MOST_DIGITS)
    data = item.head if end <= len(item.head) else reading.source.read(item.address, end)
    digits = struct.unpack_from(f"<{(end - 3 * WORD) // 4}I", data, 3 * WORD)
    total: int = sum(value << (_DIGIT_BITS * place) for place, value in enumerate(digits))
    return sign * total


def real(_: Reading, item: Item) -> Content:
    """Read a float."""
    (value,) = struct.unpack_from("<d", item.head, 2 * WORD)
    return Content(item.kind, None, repr(value)[:TEXT], digest(item.kind.digest, item.word(2)))


def string(reading: Reading, item: Item) -> Content:
    """Read a str, or a member of an enum that is one."""
    size, text = text_of(reading.source, reading.objects, item.address, _DIGESTED)
    number = digest_of(text.encode("utf-8", "replace"))
    if item.kind.heap:
        return instance(reading, item, text[:TEXT], size, number)._replace(size=size)
    return Content(item.kind, size, text[:TEXT], digest(item.kind.digest, size, number))


def octets(reading: Reading, item: Item) -> Content:
    """Read a bytes object."""
    size, data = bytes_of(reading.source, item.address, _DIGESTED)
    return _octets(reading, item, size, data, item.address + 4 * WORD)


def bytearray_(reading: Reading, item: Item) -> Content:
    """Read a bytearray."""
    _, _, size, _, _, start = words(reading.source, item.address, 6)
    if size > LARGEST:
        raise Torn(item.address)
    data = reading.source.read(start, min(size, _DIGESTED)) if size else b""
    return _octets(reading, item, size, data, start)


def _octets(reading: Reading, item: Item, size: int, data: bytes, start: int) -> Content:
    """Describe bytes by the first and the last of them."""
    more = min(size - len(data), _DIGESTED)
    end = reading.source.read(start + size - more, more) if more else b""
    text = repr(data[:TEXT])[2:-1][:TEXT]
    return Content(item.kind, size, text, digest(item.kind.digest, size, digest_of(data + end)))


def memoryview_(reading: Reading, item: Item) -> Content:
    """Read a memoryview: the beginning of a `Py_buffer` is address, owner, length in bytes."""
    start, _, size = words(reading.source, item.address + 7 * WORD, 3)
    if size > LARGEST:
        raise Torn(item.address)
    data = reading.source.read(start, min(size, _DIGESTED)) if size and start else b""
    return Content(item.kind, size, "", digest(item.kind.digest, size, digest_of(data)))


def range_(reading: Reading, item: Item) -> Content:
    """Read a range: start, stop, step and length are ints."""
    parts = [reading.get(part, 0) for part in words(reading.source, item.address + 2 * WORD, 4)]
    size = int(parts[3].text) if parts[3].text.isdecimal() else None
    return Content(item.kind, size, "", digest(item.kind.digest, *(part.digest for part in parts)))


def steps(reading: Reading, item: Item) -> Content:
    """Read how far an iterator or a buffer in memory has come: the words that hold no reference."""
    places = _STEPS.get(item.kind.name, (2,))
    body = words(reading.source, item.address, max(places) + 1)
    return Content(item.kind, None, "", digest(item.kind.digest, *(body[place] for place in places)))
