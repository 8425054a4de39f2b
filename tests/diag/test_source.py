"""Python source as a tree."""

import ast

import pytest
from scenes import module, named

from diag.source import own_nodes, parse

TEXT = """
import os

class Client:
    limit = 3

    @staticmethod
    def read(stream):
        while True:
            for line in stream:
                print(line)
            else:
                stop()

            def inner():
                while stream: pass

    async def run(self, key=lambda one: one):
        async for item in self:
            yield item

for path in os.listdir():
    print(path)
"""


def test_functions_have_qualified_names() -> None:
    """The module's own code comes first, the outer before the inner."""
    assert [function.name for function in module(TEXT).functions] == [
        "<module>",
        "Client.read",
        "Client.read.inner",
        "Client.run",
        "Client.run.<lambda>",
    ]


def test_the_innermost_function_around_a_line() -> None:
    """A name chooses among those around it, as a decorator's line or a default's belongs to no function of its name."""
    here = module(TEXT)
    assert here.function_at(9).name == "Client.read"
    assert here.function_at(15).name == "Client.read.inner"
    assert here.function_at(15, "read").name == "Client.read"
    assert here.function_at(15, "Client.read").name == "Client.read"
    assert here.function_at(2, "main").name == "<module>"
    assert here.function_at(18, "run").name == "Client.run"


def test_loops_are_those_of_the_function_alone() -> None:
    """Those of functions inside it are left out; the outer come before the inner."""
    here = module(TEXT)
    assert [(loop.first, loop.last) for loop in named(here, "Client.read").loops] == [(8, 15), (9, 10)]
    assert [loop.first for loop in named(here, "<module>").loops] == [21]
    assert [loop.first for loop in named(here, "Client.run").loops] == [18]


def test_an_else_is_no_part_of_the_loop() -> None:
    """A line in it is not in the loop that it belongs to."""
    read = named(module(TEXT), "Client.read")
    assert [loop.first for loop in read.loops_at(10)] == [8, 9]
    assert [loop.first for loop in read.loops_at(12)] == [8]
    assert read.loops_at(7) == ()


def test_async_functions_are_told() -> None:
    """`async def`, and nothing else."""
    here = module(TEXT)
    assert [function.name for function in here.functions if function.is_async] == ["Client.run"]


def test_lines_are_numbered_from_one() -> None:
    """Line N of the text is at N - 1."""
    assert module(TEXT).lines[2] == "class Client:"


@pytest.mark.parametrize("text", ["def (", "print 1", "\0", "(" * 1000])
def test_what_is_no_python_is_none(text: str) -> None:
    """Neither an error nor a warning."""
    assert parse(text) is None


def test_what_an_interpreter_warns_of_is_parsed() -> None:
    """Warnings are the author's matter."""
    assert parse("'\\d'\n1 is 1\n") is not None


def test_own_nodes_stay_out_of_nested_functions() -> None:
    """The nested definition itself is there, what is in it is not; the order is the source's."""
    tree = ast.parse("a\ndef f():\n    b\nclass C:\n    c\nd = lambda: e\n")
    names = [node.id for node in own_nodes(tree) if isinstance(node, ast.Name)]
    assert names == ["a", "d"]
    assert sum(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in own_nodes(tree)) == 3


def test_what_only_a_newer_grammar_knows_is_left_out() -> None:
    """The functions around a statement that this interpreter cannot read are found at their own lines."""
    text = "x = 1\n\ndef f(a b):\n    return a\n\nclass A:\n    def run(self):\n        while True:\n            y = (a b)\n            self.read()\n"
    found = parse(text)
    assert found is not None
    run = found.function_at(10, "run")
    assert (run.name, [loop.first for loop in run.loops]) == ("A.run", [8])
    assert found.lines[8] == "            y = (a b)"
