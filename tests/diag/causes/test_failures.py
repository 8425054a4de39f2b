"""Exceptions in source."""

import ast

import pytest

from diag.causes.failures import BROAD, catches, caught, harmless, is_one_of, suppressed, words


def handler(text: str) -> ast.ExceptHandler:
    """Give the handler of a `try`."""
    node = ast.parse(f"try:\n    f()\n{text}:\n    pass\n").body[0]
    assert isinstance(node, ast.Try | ast.TryStar)
    return node.handlers[0]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("except", ()),
        ("except OSError", ("OSError",)),
        ("except (asyncio.TimeoutError, queue.Empty) as e", ("TimeoutError", "Empty")),
        ("except* ValueError", ("ValueError",)),
        ("except self.errors[0]", ("?",)),
    ],
)
def test_caught(text: str, types: tuple[str, ...]) -> None:
    """The last part of each name."""
    assert caught(handler(text)) == types


def test_catches() -> None:
    """By name, by a broad name, or all."""
    assert catches(handler("except Exception"), ["OSError"])
    assert catches(handler("except"), ["OSError"])
    assert catches(handler("except socket.gaierror"), ["gaierror"])
    assert not catches(handler("except ValueError"), ["OSError"])
    assert not catches(handler("except Exception"), ["CancelledError"], frozenset({"BaseException"}))
    assert words(handler("except (OSError, EOFError) as e")) == "except (OSError, EOFError)"


@pytest.mark.parametrize(
    ("raised", "types", "expected"),
    [
        ("ConnectionRefusedError", ("OSError",), True),
        ("socket.timeout", ("timeout",), True),
        ("KeyError", (), True),
        ("KeyError", ("Exception",), True),
        ("KeyError", ("OSError",), False),
        ("aiohttp.ClientError", ("OSError",), None),
        ("KeyError", ("RedisError",), None),
        ("OSError", ("ConnectionError",), False),
        ("print", ("OSError",), None),
    ],
)
def test_is_one_of(raised: str, types: tuple[str, ...], expected: bool | None) -> None:  # noqa: FBT001 - a column
    """The built-in hierarchy tells; of others it is not known."""
    assert is_one_of(raised, types) is expected


def test_harmless() -> None:
    """Bad input, ends, timeouts and empty queues do not call for a retry."""
    assert harmless(
        ["Empty", "TimeoutError", "JSONDecodeError", "ParseException", "pydantic_core.ValidationError"]
    )
    assert not harmless(["Empty", "OSError"])
    assert not harmless(BROAD)


def test_suppressed() -> None:
    """Only `suppress` catches."""
    node = ast.parse("with contextlib.suppress(OSError, queue.Empty), lock:\n    pass").body[0]
    assert isinstance(node, ast.With)
    assert suppressed(node) == ("OSError", "Empty")
