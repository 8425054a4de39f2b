"""Calls in source: names, imports, arguments, definitions."""

import ast

import pytest
import scenes

from diag.causes import calls
from diag.source import Function, Module, own_nodes

SOURCE = """
import asyncio
import numpy as np
import os.path
from time import sleep as nap, monotonic

class Client:
    def read(self):
        return self.parse()

    def parse(self):
        def clean():
            return read()

        return clean()

class Other:
    def parse(self):
        from json import loads as decode

        return decode("1")

def read():
    return 1
"""


def expression(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


def call(text: str) -> ast.Call:
    """Parse a call."""
    node = expression(text)
    assert isinstance(node, ast.Call)
    return node


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("queue", "queue"),
        ("self.queue.get", "self.queue.get"),
        ("asyncio.get_event_loop().call_soon", "asyncio.get_event_loop().call_soon"),
        ("a.b().c().d", "a.b().c().d"),
        ("self.queues[0].get", ""),
        ("'x'.join", ""),
        ("(a or b).c", ""),
        ("1", ""),
    ],
)
def test_a_dotted_name(text: str, name: str) -> None:
    """Names, attributes and calls within; everything else has none."""
    assert calls.dotted(expression(text)) == name


def test_a_long_chain() -> None:
    """Hundreds of calls in a chain are no matter."""
    assert calls.dotted(expression("a" + ".b()" * 900 + ".c")).endswith(".b().c")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nap", "time.sleep"),
        ("monotonic", "time.monotonic"),
        ("np.linalg.svd", "numpy.linalg.svd"),
        ("os.path.join", "os.path.join"),
        ("decode", "json.loads"),
        ("asyncio.sleep", "asyncio.sleep"),
        ("unknown.thing", "unknown.thing"),
        ("self.nap", "self.nap"),
    ],
)
def test_the_origin_of_a_name(text: str, name: str) -> None:
    """Imports are resolved, those inside functions as well."""
    assert calls.origin(scenes.module(SOURCE), expression(text)) == name


@pytest.mark.parametrize(
    ("text", "position", "names", "value"),
    [
        ("f(1, 2)", 1, (), 2),
        ("f(1, timeout=3)", 1, ("timeout",), 3),
        ("f(1)", 1, ("timeout",), None),
        ("f(1, 2)", -1, (), None),
        ("f(*args, 2)", 1, (), None),
        ("f(1, *args)", 0, (), 1),
        ("f(**options)", 0, ("timeout",), None),
    ],
)
def test_an_argument(text: str, position: int, names: tuple[str, ...], value: int | None) -> None:
    """By position or by name; what a star hides is not known."""
    assert calls.number(calls.argument(call(text), position, *names)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-1.5", -1.5),
        ("60 * 5", 300),
        ("1 / 1000", 0.001),
        ("2 - 3", -1),
        ("1 / 0", None),
        ("True", None),
        ("'1'", None),
        ("x", None),
        ("2 ** 8", None),
        ("1" + " + 1" * 20, None),
        ("9" * 400, None),
    ],
)
def test_a_number_that_is_written_out(text: str, value: float | None) -> None:
    """With signs and plain arithmetic, and no deeper than people write; a flag is no number."""
    assert calls.number(expression(text)) == value


def test_assignments() -> None:
    """Plain, in tuples, with types, augmented, in expressions; attributes too."""
    nodes = own_nodes(
        ast.parse("a = self.b = 1\nc, *d = f()\ne: int = 2\ng += 3\nif (h := 4): pass\ni: int\nj[0] = 5")
    )
    assert [name for name, _, _ in calls.assignments(nodes)] == ["a", "self.b", "c", "d", "e", "g", "h"]


def test_the_names_that_are_read() -> None:
    """Each with what it begins with."""
    assert calls.names_in(expression("f(self.a.b) + c[0]")) == {"f", "self", "self.a", "self.a.b", "c"}


def test_the_nodes_of_a_loop() -> None:
    """Head and body; not its `else`, nor functions inside."""
    tree = ast.parse("while ready():\n    go()\n    def f(): no()\n    g = lambda: no()\nelse:\n    end()")
    loop = tree.body[0]
    assert isinstance(loop, ast.While)
    assert [calls.called(one) for one in calls.calls(calls.loop_nodes(loop))] == ["ready", "go"]


@pytest.mark.parametrize(
    ("text", "near", "found"),
    [
        ("read", "Client.parse.clean", "read"),
        ("read", "read", "read"),
        ("clean", "Client.parse", "Client.parse.clean"),
        ("self.parse", "Client.read", "Client.parse"),
        ("self.parse", "Other.parse", "Other.parse"),
        ("Other.parse", "Client.read", "Other.parse"),
        ("client.read", "read", None),
        ("thing.parse", "read", None),
        ("missing", "read", None),
        ("parse", "read", None),
        ("things[0]", "read", None),
    ],
)
def test_the_definition_of_a_reference(text: str, near: str, found: str | None) -> None:
    """The nearest function of a plain name, the method of the class around; None where several could be meant."""
    here: Module = scenes.module(SOURCE)
    function: Function | None = calls.definition(here, expression(text), scenes.named(here, near))
    assert (function.name if function else None) == found
