"""Readers of instances, futures, exceptions, functions, and of what is not looked into."""

from diag.collectors.atoms import items_of, text_of
from diag.collectors.content import TEXT, Content, Item, Reading, digest, digest_of_name
from diag.collectors.peek import WORD, Torn, word

_STATES = ("pending", "cancelled", "finished")
FUTURE_STATE = {8: 72, 9: 80, 10: 88, 11: 88, 12: 88, 13: 96, 14: 104, 15: 104}
"""Where a future's state stands, by minor version; 32 bits."""

_FINISHED = 2
_EXCEPTION, _OLD_RESULT, _RESULT = 48, 56, 64
_OLD_RESULTS = 9
"""Minor version up to which the result follows the exception; since then the exception's traceback is between."""

_INNER = 12
"""Attributes that are looked at of an instance that is itself an item or an attribute."""

_OLD_FUTURE = 144
"""Bytes of such a future."""

_MOST_ARGUMENTS = 4
_QUALNAME, _OLD_QUALNAME = 40, 104
_NEW_FUNCTION = 10
"""Minor version since which a function's qualified name stands in front."""

_LONGEST_NAME = 4096


def instance(reading: Reading, item: Item, text: str = "", *parts: int) -> Content:
    """Describe an instance by its attributes, and a member of an enum by its name."""
    kind = item.kind
    if not (kind.members or kind.has_dict) or not (item.depth or kind.enum):
        return Content(kind, None, text, digest(kind.digest, *parts))
    outer = item.depth > 1 or kind.enum
    found = (
        reading.attributes(item.address, kind) if outer else reading.attributes(item.address, kind, _INNER)
    )
    if kind.enum:
        name = next((value for name, value in found if name == "_name_"), 0)
        text = reading.get(name, 0).text if name else text
        return Content(kind, None, text, digest(kind.digest, *parts, digest_of_name(text)))
    names = [digest_of_name(name) for name, _ in found]
    values = reading.digests([value for _, value in found], item.depth - 1)
    return Content(kind, None, text, digest(kind.digest, *parts, *names, *values))


def object_(reading: Reading, item: Item) -> Content:
    """Read an instance of any other type."""
    return instance(reading, item)


def future(reading: Reading, item: Item) -> Content:
    """Read a future or task: its state, and its result or exception."""
    where, result = _places(reading.minor, item)
    state = int.from_bytes(reading.source.read(item.address + where, 4), "little")
    if state >= len(_STATES):
        raise Torn(item.address)
    parts = []
    if state == _FINISHED and item.depth:
        ends = [word(reading.source, item.address + place) for place in (result, _EXCEPTION)]
        parts = reading.digests(ends, 0)
    return Content(item.kind, None, _STATES[state], digest(item.kind.digest, state, *parts))


def _places(minor: int, item: Item) -> tuple[int, int]:
    """Tell where a future's state and result stand: 3.10 began with the layout of 3.9."""
    old = minor == _OLD_RESULTS + 1 and _OLD_FUTURE in item.kind.sizes
    minor -= old
    return FUTURE_STATE[minor], _OLD_RESULT if minor <= _OLD_RESULTS else _RESULT


def exception(reading: Reading, item: Item) -> Content:
    """Read an exception: its arguments."""
    place = word(reading.source, item.address + 3 * WORD)
    found = [
        reading.get(argument, 0)
        for argument in items_of(reading.source, reading.minor, place, _MOST_ARGUMENTS)
    ]
    text = found[0].text if found and found[0].kind.what in {"str", "int"} else ""
    return Content(item.kind, None, text, digest(item.kind.digest, *(part.digest for part in found)))


def function(reading: Reading, item: Item) -> Content:
    """Read a function: its qualified name."""
    name = function_name(reading, item.address)
    return Content(item.kind, None, name[:TEXT], digest(item.kind.digest, digest_of_name(name)))


def function_name(reading: Reading, address: int) -> str:
    """Give the qualified name of a function."""
    where = _QUALNAME if reading.minor >= _NEW_FUNCTION else _OLD_QUALNAME
    return text_of(reading.source, reading.objects, word(reading.source, address + where), _LONGEST_NAME)[1]


def method(reading: Reading, item: Item) -> Content:
    """Read a bound method: the qualified name of its function."""
    inner = item.word(2)
    name = function_name(reading, inner) if reading.kind_of(inner).what == "function" else ""
    return Content(item.kind, None, name[:TEXT], digest(item.kind.digest, digest_of_name(name)))


def type_(reading: Reading, item: Item) -> Content:
    """Read a class: its name."""
    kind = reading.kinds.get(item.address)
    return Content(item.kind, None, kind.name[:TEXT], kind.digest)


def opaque(_: Reading, item: Item) -> Content:
    """Tell the type only."""
    return Content(item.kind, None, "", item.kind.digest)
