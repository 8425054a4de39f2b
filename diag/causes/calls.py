"""Calls in source: what they call, by the module's imports, and where in the module that is defined."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from diag.origin import Origin
from diag.origin import origin as origin_of
from diag.source import Function, Module, own_nodes

_PLUMBING = re.compile(
    r"-packages/(tornado/(ioloop|platform)|twisted/internet|trio/_core|gevent/|eventlet/hubs|curio/kernel)"
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef

_BINDS = (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)


def dotted(node: ast.expr | None) -> str:
    """Give a name as "self.queue.get", a call within it as "loop().call_soon"; "" for other expressions."""
    rest = ""
    while node is not None:
        if isinstance(node, ast.Name):
            return node.id + rest
        if isinstance(node, ast.Attribute):
            rest, node = f".{node.attr}{rest}", node.value
        elif isinstance(node, ast.Call):
            rest, node = f"(){rest}", node.func
        else:
            break
    return ""


def last(node: ast.expr | None) -> str:
    """Give the last part of a name: "get" of `self.queues[0].get`; "" where it has none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called(call: ast.Call) -> str:
    """Give the last part of the name of what is called."""
    return last(call.func)


def receiver(call: ast.Call) -> str:
    """Give what a method is called on, as `dotted`; "" for a plain function."""
    return dotted(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def origin(module: Module, node: ast.expr | None) -> str:
    """Give a dotted name with the module's imports resolved: "time.sleep" for `from time import sleep as nap; nap`."""
    name = dotted(node)
    head, dot, rest = name.partition(".")
    return imports(module).get(head, head) + dot + rest


@lru_cache(maxsize=256)
def imports(module: Module) -> dict[str, str]:
    """Give what each imported name stands for, imports inside functions included."""
    found: dict[str, str] = {}
    for node in _statements(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Give all statements of a module, and what holds them; expressions, the most of a tree, are not gone into."""
    queue: list[ast.AST] = [tree]
    while queue:
        yield (node := queue.pop())
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, None)
            queue += inner if isinstance(inner, list) else ()


def calls(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """Give the calls among nodes."""
    return (node for node in nodes if isinstance(node, ast.Call))


def awaited(nodes: Iterable[ast.AST]) -> set[ast.expr]:
    """Give the expressions that are awaited."""
    return {node.value for node in nodes if isinstance(node, ast.Await)}


def argument(call: ast.Call, position: int, *keywords: str) -> ast.expr | None:
    """Give an argument by its position (negative: keyword only) or one of its names."""
    for keyword in call.keywords:
        if keyword.arg in keywords:
            return keyword.value
    if any(isinstance(given, ast.Starred) for given in call.args[: position + 1]):
        return None
    return call.args[position] if 0 <= position < len(call.args) else None


def number(node: ast.expr | None, depth: int = 8) -> float | None:
    """Give the value of a number that is written out, with signs and simple arithmetic; None for anything else."""
    if depth == 0:
        return None
    if isinstance(node, ast.Constant):
        return _plain(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = number(node.operand, depth - 1)
        return None if value is None else -value
    if isinstance(node, ast.BinOp):
        left, right = number(node.left, depth - 1), number(node.right, depth - 1)
        return None if left is None or right is None else _computed(node.op, left, right)
    return None


def assignments(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr, ast.stmt | ast.expr]]:
    """Give what is assigned to plain names and attributes: the name, the value and the node that does it."""
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name in target_names(target):
                    yield name, node.value, node
        elif isinstance(node, _BINDS) and node.value is not None:
            for name in target_names(node.target):
                yield name, node.value, node


def target_names(target: ast.expr) -> list[str]:
    """Give the names that an assignment's target binds."""
    if isinstance(target, ast.Tuple | ast.List):
        return [name for element in target.elts for name in target_names(element)]
    if isinstance(target, ast.Starred):
        return target_names(target.value)
    return [name] if (name := dotted(target)) else []


def names_in(node: ast.AST) -> set[str]:
    """Give the names and attributes that are read below a node, as "line" and "self.closed"."""
    return {
        name
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute) and (name := dotted(part))
    }


def loop_nodes(loop: ast.While | ast.For | ast.AsyncFor) -> list[ast.AST]:
    """Give the nodes of a loop's head and body, its `else` and functions inside it left out, in the source's order."""
    head = loop.test if isinstance(loop, ast.While) else loop.iter
    return [head, *own_nodes(head), *(node for part in loop.body for node in (part, *_below(part)))]


def definition(module: Module, reference: ast.expr | None, near: Function | None = None) -> Function | None:
    """Give the function of the module that a name or a bound method refers to; None if it is not defined there.

    Args:
        module: where to look.
        reference: `work`, `self.work` or `Class.work`; of `other.work` it is not known which class is meant, and the
            only method of that name is given.
        near: the function that the reference is in: its own inner functions and its class's methods come first.
    """
    if reference is None:
        return None
    name = last(reference)
    found = _defined(module).get(name, [])
    if not found or isinstance(reference, ast.Name):
        return _visible(module, found, near)
    return _method(found, near, dotted(reference).rpartition(".")[0])


@lru_cache(maxsize=256)
def _defined(module: Module) -> dict[str, list[Function]]:
    """Give the functions of a module by the last part of their names, lambdas and its own code left out."""
    found: dict[str, list[Function]] = {}
    for function in module.functions:
        if isinstance(function.node, Definition):
            found.setdefault(simple(function), []).append(function)
    return found


def simple(function: Function) -> str:
    """Give a function's name without what it is in."""
    return function.name.rpartition(".")[2]


def is_standard(module: Module) -> bool:
    """Whether a module is of the standard library: what its loops wait for is what somebody else asked it to."""
    return origin_of(module.file) is not Origin.OWN and "-packages/" not in module.file


def is_plumbing(module: Module) -> bool:
    """Whether a module is an event loop's own: what is at fault was handed to it by others."""
    return origin_of(module.file) is Origin.ASYNCIO or bool(_PLUMBING.search(module.file))


def span(node: ast.AST) -> range:
    """Give a node's lines."""
    if isinstance(node, ast.Module):
        return range(1, sys.maxsize)
    first = getattr(node, "lineno", 1)
    return range(first, (getattr(node, "end_lineno", None) or first) + 1)


def lines(first: int, end: int) -> str:
    """Put a stretch of lines into words."""
    return f"line {first}" if first == end else f"lines {first}-{end}"


def _below(node: ast.AST) -> list[ast.AST]:
    nested = isinstance(node, Definition | ast.ClassDef | ast.Lambda)
    return [] if nested else own_nodes(node)


def _plain(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _computed(operator: ast.operator, left: float, right: float) -> float | None:
    if isinstance(operator, ast.Add):
        return left + right
    if isinstance(operator, ast.Sub):
        return left - right
    if isinstance(operator, ast.Mult):
        return left * right
    return left / right if isinstance(operator, ast.Div) and right else None


def _visible(module: Module, found: list[Function], near: Function | None) -> Function | None:
    """Choose the function that a plain name refers to: the innermost one in whose scope it stands, no method."""
    functions = {function.name for function in module.functions}  # a class is no scope of its methods
    scopes = [near.name, *_outer(near.name)] if near else []
    for scope in (one for one in scopes if one in functions):
        for function in found:
            if function.name == f"{scope}.{simple(function)}":
                return function
    return next((function for function in found if "." not in function.name), None)


def _method(found: list[Function], near: Function | None, owner: str) -> Function | None:
    """Choose the method that is meant: of the class around the reference, or the only one of that name."""
    if owner and "." not in owner and owner not in {"self", "cls"}:
        found = [one for one in found if one.name.startswith(f"{owner}.")] or found
    for scope in _outer(near.name) if near else ():
        for function in found:
            if function.name == f"{scope}.{simple(function)}":
                return function
    return found[0] if len(found) == 1 else None


def _outer(name: str) -> list[str]:
    """Give the names of what a function is in, the nearest first."""
    outer = []
    while "." in name:
        name = name.rpartition(".")[0]
        outer.append(name)
    return outer
