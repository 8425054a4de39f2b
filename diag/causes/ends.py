"""What a test says when the value that it looks at is at its end: b"", None, or a message that tells of the close.

Three-valued: True, False, or None where it depends on something else.
"""

import ast
import re
from collections.abc import Callable
from typing import Literal

from diag.causes.calls import dotted
from diag.causes.shape import Guard, last_name

End = Literal["empty", "none", "closed"]
"""How the end shows: as b"", "" or 0; as None; as a message whose type says so."""

Ended = frozenset[str | ast.expr] | frozenset[str]
"""Values that are at their end: by the dotted names that they have, or the expressions that give them."""

END_WORDS = re.compile(
    r"(^|_)(stop\w*|shut\w*|clos\w*|quit\w*|exit\w*|terminat\w*|finish\w*|done|end|ended|eof|at_eof|sentinel|over|poison\w*|disconnect\w*|"
    r"cancel\w*|abort\w*|exhausted|eos|end_?of_?(stream|file|input|data|feed|queue|channel|work|messages))$",
    re.IGNORECASE,
)
"""Names of what says that the work is over."""

END_ERRORS = re.compile(
    r"^(EOFError|IncompleteRead(Error)?|EndOf[A-Z]\w*|MediaStreamError|Broken(Pipe|Resource)Error|Connection(Reset|Aborted)?Error)$"
    r"|Clos(ed|ing)(Error|OK|Exception|ResourceError|ChannelError)?$|^Closed[A-Z]\w*|^ConnectionClosed\w*|^SerialException$|Disconnect(ed)?(Error)?$|Shut_?[dD]own(Error)?$"
)
"""Exceptions that say that no more will come, and come again on the next try."""

CLOSED_WORDS = re.compile(r"(^|_|\.)(clos\w*|disconnect\w*|eof|goaway|shutdown|end)$", re.IGNORECASE)
"""Names of a message's type, as constant or text, that say that no further one comes."""

_SAYS_SO = re.compile(
    r"^_*(is_|reached_|got_|saw_)?(at_)?(eof|exhausted|feof|end_of_file|end_(of_)?stream)(_received|_reached)?$"
)
_KIND_OF_MESSAGE = {"type", "msg_type", "opcode", "kind", "tp", "typ", "event", "message_type"}
_FALSE_OF_EMPTY = re.compile(r"^(startswith|endswith|is[a-z]+|match|fullmatch|search|find|count|index)$")
_KEEPS_EMPTY = {
    "strip", "lstrip", "rstrip", "decode", "encode", "lower", "upper", "split", "splitlines", "removesuffix",
    "removeprefix", "replace", "result", "len", "bool", "bytes", "str", "memoryview", "tobytes", "casefold", "int", "bytearray",
}  # fmt: skip
_EMPTY = (b"", "", 0, None, False)


def truth(test: ast.expr, ended: Ended, end: End) -> bool | None:  # noqa: PLR0911 - a line for each kind of test
    """Give what a test comes to.

    Args:
        test: the condition.
        ended: the values that are at their end.
        end: how that shows.
    """
    match test:
        case ast.Constant():
            return bool(test.value)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _turned(truth(operand, ended, end), negative=True)
        case ast.BoolOp(op=op, values=values):
            return _joined([truth(value, ended, end) for value in values], isinstance(op, ast.Or))
        case ast.NamedExpr(target=target, value=value):
            return False if dotted(target) in ended and end != "closed" else truth(value, ended, end)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right, ended, end)
        case ast.Call() | ast.Attribute() | ast.Name() | ast.Subscript() | ast.Await():
            return _value(test, ended, end)
    return None


def way_at_end(guards: tuple[Guard, ...], ended: Ended, end: End) -> bool | None:
    """Give whether a way through conditions is taken when a value is at its end."""
    found = []
    for guard in guards:
        holds = truth(guard.test, ended, end)
        found.append(None if holds is None else holds == guard.holds)
    return _joined(found, any_of=False)


def is_of(node: ast.expr, ended: Ended) -> bool:  # noqa: PLR0911 - a line for each kind of expression
    """Whether an expression is an ended value or what is empty if that is: `line.strip()`, `len(data)`, `msg.data`."""
    match node:
        case ast.NamedExpr(target=target, value=value):
            return dotted(target) in ended or is_of(value, ended)
        case ast.Await(value=value) | ast.Subscript(value=value):
            return is_of(value, ended)
        case ast.Call() if node in ended:
            return True
        case ast.Call(func=ast.Attribute(value=value, attr=attr)):
            return attr in _KEEPS_EMPTY and is_of(value, ended)
        case ast.Call(func=ast.Name(id=name), args=[value, *_]):
            return name in _KEEPS_EMPTY and is_of(value, ended)
        case ast.Attribute(value=value):
            return _is_ended(node, ended) or is_of(value, ended)
    return _is_ended(node, ended)


def _is_ended(node: ast.expr, ended: Ended) -> bool:
    return node in ended or (bool(dotted(node)) and dotted(node) in ended)


def _value(node: ast.expr, ended: Ended, end: End) -> bool | None:
    if _SAYS_SO.match(last_name(node)):
        return True
    if is_of(node, ended):
        whole = _is_ended(node, ended)
        return end == "closed" if whole else False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of_ended = is_of(node.func.value, ended) or any(is_of(arg, ended) for arg in node.args)
        return False if of_ended and _FALSE_OF_EMPTY.match(node.func.attr) and end == "empty" else None
    return None


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, ended: Ended, end: End) -> bool | None:
    if isinstance(op, ast.In | ast.NotIn) and is_of(right, ended):
        found: bool | None = False if end != "closed" else None
        return _turned(found, isinstance(op, ast.NotIn))
    if is_of(right, ended) and not is_of(left, ended):
        left, right = right, left
        op = _MIRRORED.get(type(op), type(op))()
    if not is_of(left, ended):
        return None
    negative = isinstance(op, ast.NotEq | ast.IsNot | ast.NotIn)
    if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
        return _turned(_equals(left, right, ended, end), negative)
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List | ast.Set):
        return _turned(
            _joined([_equals(left, part, ended, end) for part in right.elts], any_of=True), negative
        )
    if isinstance(op, ast.In | ast.NotIn) and _is_kind(left):
        return _turned(_names_close(right) if end == "closed" else None, negative)
    return _ordered(op, right) if end == "empty" else None


def _equals(left: ast.expr, right: ast.expr, ended: Ended, end: End) -> bool | None:
    """Give whether an ended value equals another expression."""
    if _is_kind(left):
        return _names_close(right) if end == "closed" else None
    match right:
        case ast.Constant(value=value):
            if end == "closed":
                return _names_close(right) if isinstance(value, str) else None
            return value is None if end == "none" else any(value == empty for empty in _EMPTY[:3])
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return end == "empty"
        case ast.Name() | ast.Attribute():
            return True if END_WORDS.search(last_name(right)) and dotted(left) in ended else None
    return None


def _names_close(node: ast.expr) -> bool | None:
    if isinstance(node, ast.Constant):
        return bool(CLOSED_WORDS.search(node.value)) if isinstance(node.value, str) else None
    return bool(CLOSED_WORDS.search(last_name(node))) if last_name(node) else None


def _is_kind(node: ast.expr) -> bool:
    """Whether it is what tells a message's kind."""
    return last_name(node) in _KIND_OF_MESSAGE or _is_type_item(node)


def _is_type_item(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value in _KIND_OF_MESSAGE
    )


_ORDER: dict[type[ast.cmpop], Callable[[int | float, int | float], bool]] = {
    ast.Lt: lambda one, other: one < other,
    ast.LtE: lambda one, other: one <= other,
    ast.Gt: lambda one, other: one > other,
    ast.GtE: lambda one, other: one >= other,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}


def _ordered(op: ast.cmpop, right: ast.expr) -> bool | None:
    compare = _ORDER.get(type(op))
    if compare and isinstance(right, ast.Constant) and isinstance(right.value, int | float):
        return compare(0, right.value)
    return None


def _turned(value: bool | None, negative: bool) -> bool | None:  # noqa: FBT001 - two truth values
    return value if value is None or not negative else not value


def _joined(values: list[bool | None], any_of: bool) -> bool | None:  # noqa: FBT001 - as `any` and `all`
    if any_of in values:
        return any_of
    return None if None in values else not any_of
