"""Tests for what objects hold, on objects of the test's own process."""

import asyncio
import collections
import enum
import functools
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from own_process import Own

from diag.collectors.content import Content
from diag.collectors.peek import Torn


class Color(enum.Enum):
    """An enum."""

    RED = "r"


class Level(enum.IntEnum):
    """An enum of numbers."""

    HIGH = 7


class Name(str):  # noqa: SLOT000 - it has attributes
    """A text with attributes."""


class Point:
    """An instance with a dict."""

    def __init__(self, x: object) -> None:
        self.x = x


class Closed(NamedTuple):
    """A message of a closed connection."""

    kind: int
    data: None


def read(own: Own, value: object) -> Content:
    """Read an object, anew."""
    own.contents.begin()
    return own.contents.get(id(value))


def test_none(own: Own) -> None:
    """None has no size."""
    content = read(own, None)
    assert (content.kind.name, content.size, content.text) == ("NoneType", None, "None")


@pytest.mark.parametrize(
    "value", [0, 1, -1, 255, -300, 2**30, -(2**30), 2**60 - 1, 2**200, True, False, 0.5, -1e9]
)
def test_numbers(own: Own, value: float) -> None:
    """Numbers of any sign and length have their text."""
    content = read(own, value)
    assert (content.kind.name, content.size, content.text) == (type(value).__name__, None, str(value)[:40])


@pytest.mark.parametrize("value", ["", "a", "é", "待機", "😀" * 50, "x" * 1000, "\ud800"])
def test_texts(own: Own, value: str) -> None:
    """Texts of any width have their length and beginning, and what is no character does no harm."""
    content = read(own, value)
    assert content.size == len(value)
    assert content.text == value[:40].encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize("value", [b"", b"abc", b"\0\xff", bytes(5000)])
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_bytes(own: Own, value: bytes, kind: Any) -> None:  # noqa: ANN401 - a class
    """Bytes have their length and beginning."""
    content = read(own, held := kind(value))
    assert (content.kind.name, content.size) == (kind.__name__, len(held))
    assert content.text == repr(value[:40])[2:-1][:40]


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1] * 100,
        (),
        (1, [2]),
        {},
        {"a": [1]},
        set(),
        {1, "b"},
        frozenset({3}),
        collections.deque(),
        collections.deque(range(200)),
        range(9),
        memoryview(b"abcd"),
        collections.OrderedDict(a=1),
        collections.Counter("aab"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_sizes(own: Own, value: Any) -> None:  # noqa: ANN401 - whatever has a length
    """What has a length has its size."""
    assert read(own, value).size == len(value)


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (lambda: [1, ["a"]], [1, ["b"]]),
        (lambda: ("a", 2), ("a", 3)),
        (lambda: {"a": b"x"}, {"a": b"y"}),
        (lambda: {b"x", b"y"}, {b"x", b"z"}),
        (lambda: collections.deque(["a"]), collections.deque(["b"])),
        (lambda: bytes(1000) + b"a", bytes(1000) + b"b"),
        (lambda: bytearray(b"abc"), bytearray(b"abd")),
        (lambda: "x" * 300, "x" * 301),
        (lambda: Point([1]), Point([2])),
        (lambda: ValueError("a", 1), ValueError("a", 2)),
        (lambda: range(3), range(1, 4)),
        (lambda: Closed(3, None), Closed(4, None)),
        (lambda: memoryview(b"abc"), memoryview(b"abd")),
        (lambda: list(range(100)), [*range(99), 1]),
    ],
)
def test_digests(own: Own, make: Any, other: object) -> None:  # noqa: ANN401 - a function
    """Equal contents have equal digests wherever they lie; other contents have others."""
    first, second = make(), make()
    assert read(own, first).digest == read(own, second).digest
    assert read(own, first).digest != read(own, other).digest


def test_cycles(own: Own) -> None:
    """What holds itself is read to a depth."""
    items: list[object] = [1]
    items.append(items)
    point = Point(items)
    point.x = point
    assert read(own, items).size == 2
    assert read(own, point).kind.name == "Point"


def test_enums(own: Own) -> None:
    """A member has its name, also if it is a number."""
    assert read(own, Color.RED).text == "RED"
    assert read(own, Level.HIGH).text == "HIGH"


def test_derived_texts(own: Own) -> None:
    """What is derived from a text has its text and size."""
    name = Name("ab")
    assert read(own, name)[1:3] == (2, "ab")


def test_exceptions(own: Own) -> None:
    """An exception has its first argument if that is a text or a number."""
    assert read(own, ValueError("boom", 2)).text == "boom"
    assert read(own, OSError(104, "reset")).text == "104"
    assert read(own, KeyError()).text == ""
    assert read(own, ValueError([1])).text == ""


def test_futures(own: Own) -> None:
    """A future has its state, and a digest of its result."""
    loop = asyncio.new_event_loop()
    pending, cancelled, first, second, third = (loop.create_future() for _ in range(5))
    cancelled.cancel()
    first.set_result(b"")
    second.set_result(b"")
    third.set_result(b"more")
    texts = [read(own, future).text for future in (pending, cancelled, first)]
    assert texts == ["pending", "cancelled", "finished"]
    assert read(own, first).digest == read(own, second).digest != read(own, third).digest
    loop.close()


def test_callables(own: Own) -> None:
    """Functions, methods and classes have their names."""
    assert read(own, test_futures).text == "test_futures"
    method = Point(1).__init__  # type: ignore[misc] # it is only read
    assert read(own, method).text == "Point.__init__"
    assert read(own, Point).text == "Point"
    partial = functools.partial(print, 1)
    names = [name for name, _ in own.contents.attributes(id(partial), read(own, partial).kind)]
    assert names[:2] == ["func", "args"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: iter([1, 2, 3]),
        lambda: iter((1, 2, 3)),
        lambda: iter("abc"),
        lambda: iter("aé待"),
        lambda: iter(b"abc"),
        lambda: enumerate([1, 2, 3]),
        lambda: reversed([1, 2, 3]),
        lambda: iter(range(3)),
        lambda: itertools.count(5),
        lambda: io.BytesIO(b"a\nb\nc\n"),
        lambda: io.StringIO("a\nb\nc\n"),
    ],
    ids=lambda make: type(make()).__name__,
)
def test_steps(own: Own, make: Callable[[], Iterator[object]]) -> None:
    """What is gone through has another digest after each step, and the same where it has come as far."""
    first, second = make(), make()
    digests = []
    for _ in range(3):
        digests.append(read(own, first).digest)
        assert read(own, second).digest == digests[-1]
        next(first)
        next(second)
    assert len(set(digests)) == 3


def test_what_is_no_object(own: Own) -> None:
    """Odd addresses, and words that are none of an object, are torn."""
    words = (1 << 40).to_bytes(8, "little") * 20
    for address in (id(words) + 1, id(words) + 40, 0):
        with pytest.raises(Torn):
            own.contents.get(address)


def test_an_atom_that_is_replaced(own: Own) -> None:
    """A number that takes the place of another one is read anew."""
    array = bytearray(b"abc")
    before = read(own, array)
    array[0] = 0x64
    assert own.contents.get(id(array)) == before
    assert read(own, array).text == "dbc"
