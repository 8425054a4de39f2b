"""Python source as a tree: modules parsed once, the function and the loops around a line."""

import ast
import warnings
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

MOST_UNKNOWN = 20
"""Statements that may be left out of a source as unknown to this interpreter's grammar."""

LoopNode = ast.While | ast.For | ast.AsyncFor
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module | ast.Lambda
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Loop:
    """A loop statement."""

    node: LoopNode = field(repr=False)

    @property
    def first(self) -> int:
        """Line of the `while` or `for`."""
        return self.node.lineno

    @property
    def last(self) -> int:
        """Last line of the body; an `else` is no part of the loop."""
        return max(self.node.body[-1].end_lineno or 0, self.node.lineno)

    def __contains__(self, line: int) -> bool:
        """Whether a line is in the loop's head or body."""
        return self.first <= line <= self.last


@dataclass(frozen=True)
class Function:
    """A function, or a module's own code."""

    node: FunctionNode = field(repr=False)
    name: str
    """Qualified, such as "Client.read.inner"; "<module>" for a module's own code."""

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """Its loops, those of functions inside it left out; the outer before the inner."""
        return tuple(Loop(node) for node in own_nodes(self.node) if isinstance(node, LoopNode))

    @property
    def is_async(self) -> bool:
        """Whether it is `async def`."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    def loops_at(self, line: int) -> tuple[Loop, ...]:
        """Give the loops around a line, the outermost first."""
        return tuple(loop for loop in self.loops if line in loop)


@dataclass(frozen=True)
class Module:
    """A parsed source file."""

    file: str
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines of the text; line N is at N - 1."""
        return tuple(self.text.splitlines())

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The module's own code and every function, the outer before the inner."""
        found = [Function(self.tree, "<module>")]
        _collect(self.tree, "", found)
        return tuple(found)

    def function_at(self, line: int, name: str = "") -> Function:
        """Give the innermost function around a line.

        Args:
            line: from 1.
            name: the last part of its name; one of that name is preferred, the next outer one if the innermost has
                another (a decorator's or default's line belongs to no function of that name).
        """
        around = [found for found in self.functions if _spans(found.node, line)]
        last = name.rpartition(".")[2]
        named = [found for found in around if last and found.name.rpartition(".")[2] == last]
        return (named or around)[-1]


@lru_cache(maxsize=256)
def parse(text: str, file: str = "<source>") -> Module | None:
    """Parse a source text; None where it is no Python.

    What this interpreter's grammar does not know, as that of a newer one, is left out statement by statement: the rest of
    the module, and mostly the function that is asked for, can be read all the same.
    """
    lines = text.splitlines(keepends=True)
    for unknown in range(MOST_UNKNOWN + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # what the author's own interpreter warns of is not ours to say
                tree = ast.parse("".join(lines), file)
        except SyntaxError as error:
            if not _leave_out(lines, error.lineno or 0):
                return None
        except (ValueError, RecursionError, MemoryError):
            return None
        else:
            return Module(file, text, tree) if unknown == 0 or _holds_code(tree) else None
    return None


def _holds_code(tree: ast.Module) -> bool:
    """Whether anything is left of a module."""
    return any(not isinstance(statement, ast.Pass) for statement in tree.body)


def _leave_out(lines: list[str], number: int) -> bool:
    """Put `pass` in the place of a line and of the block that hangs on it; whether there was anything to leave out."""
    if not 1 <= number <= len(lines):
        return False
    line = lines[number - 1]
    body = line.lstrip()
    if not body.strip() or body.startswith("pass #"):
        return False
    depth = len(line) - len(body)
    lines[number - 1] = f"{line[:depth]}pass #\n"
    for following in range(number, len(lines)):
        inner = lines[following]
        if inner.strip() and len(inner) - len(inner.lstrip()) <= depth:
            break
        lines[following] = "\n"
    return True


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """Give the nodes below a node in the order of the source, those inside nested functions and classes left out."""
    return list(_own_nodes(node))


@lru_cache(maxsize=4096)
def _own_nodes(node: ast.AST) -> tuple[ast.AST, ...]:
    """Every cause walks through the same statements: the walk is the dearest part of the search, and kept."""
    found: list[ast.AST] = []
    queue = list(ast.iter_child_nodes(node))[::-1]
    while queue:
        child = queue.pop()
        found.append(child)
        if not isinstance(child, _SCOPES):
            queue += list(ast.iter_child_nodes(child))[::-1]
    return tuple(found)


def _collect(node: ast.AST, prefix: str, found: list[Function]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(Function(child, prefix + child.name))
            _collect(child, f"{prefix}{child.name}.", found)
        elif isinstance(child, ast.ClassDef):
            _collect(child, f"{prefix}{child.name}.", found)
        elif isinstance(child, ast.Lambda):
            found.append(Function(child, f"{prefix}<lambda>"))
            _collect(child, prefix, found)
        else:
            _collect(child, prefix, found)


def _spans(node: FunctionNode, line: int) -> bool:
    if isinstance(node, ast.Module):
        return True
    return node.lineno <= line <= (node.end_lineno or node.lineno)
