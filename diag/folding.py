"""Source with its settings put in: what a module's own constant rules out is no way on that a loop could take.

`DEBUG = False` or `USE_PAUSE = os.environ.get(...)` at the top of a module, read from memory, decides once and for all
which branches are there: `if DEBUG: return` is no way out of a loop, `sleep(1 if USE_PAUSE else 0)` is no pause.
"""

import ast
import copy
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from diag.causes.cause import Facts, Scene
from diag.source import Function, Module, own_nodes

PREFIX = "global "
"""What the names of global variables begin with in `Facts.variables`."""


def folded(scene: Scene, facts: Facts) -> Scene:
    """Put the settings of the scene's module, as measured, into its source; lines stay where they are."""
    known = settings(scene.module, facts)
    if not known:
        return scene
    module = fold(scene.module, tuple(sorted(known.items())))
    function = _same(module, scene.function)
    loop = next((one for one in function.loops if scene.loop and one.first == scene.loop.first), None)
    if scene.loop is not None and loop is None:
        return scene

    def put(one: Module, inside: Function) -> tuple[Module, Function]:
        return (module, _same(module, inside)) if one is scene.module else (one, inside)

    return replace(
        scene,
        module=module,
        function=function,
        loop=loop,
        inner=tuple(put(*one) for one in scene.inner),
        outer=tuple((*put(one, inside), line) for one, inside, line in scene.outer),
    )


def settings(module: Module, facts: Facts) -> dict[str, bool]:
    """Give the module's settings that were seen: true or false, bound once at its top level, and nowhere else."""
    seen = {
        name.removeprefix(PREFIX): variable.text == "True"
        for name, variable in facts.variables.items()
        if name.startswith(PREFIX)
        and variable.types == ("bool",)
        and variable.text in {"True", "False"}
        and variable.behaviour in {"constant", "empty"}
    }
    return {name: value for name, value in seen.items() if name in _bound_once(module)}


@lru_cache(maxsize=64)
def fold(module: Module, known: tuple[tuple[str, bool], ...]) -> Module:
    """Leave away the branches of a module that its settings rule out."""
    tree = copy.deepcopy(module.tree)
    _Folder(dict(known)).visit(tree)
    return Module(module.file, module.text, tree)


def _same(module: Module, function: Function) -> Function:
    """Find a function again in the folded module."""
    return next(
        one
        for one in module.functions
        if one.name == function.name and getattr(one.node, "lineno", 0) == getattr(function.node, "lineno", 0)
    )


@lru_cache(maxsize=64)
def _bound_once(module: Module) -> frozenset[str]:
    """Name what is bound exactly once at the top level, and declared global by no function."""
    declared = {name for node in ast.walk(module.tree) if isinstance(node, ast.Global) for name in node.names}
    stored = [
        node.id
        for node in own_nodes(module.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del)
    ]
    return frozenset(name for name in stored if stored.count(name) == 1 and name not in declared)


_BLOCKS = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor, ast.While),
    *(ast.With, ast.AsyncWith, ast.Try, ast.ExceptHandler),
)
"""Statements whose body may not be empty."""


class _Folder(ast.NodeTransformer):
    """Replaces what is decided."""

    def __init__(self, known: Mapping[str, bool]) -> None:
        self._known = known

    def visit(self, node: ast.AST) -> ast.AST:
        """Visit; a block that would become empty gets a `pass`, and a function's own names are not the module's."""
        outside = self._known
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            own = _own_names(node)
            self._known = {name: value for name, value in outside.items() if name not in own}
        seen: ast.AST = super().visit(node)
        self._known = outside
        if isinstance(seen, _BLOCKS) and not seen.body:
            seen.body = [ast.copy_location(ast.Pass(), seen)]
        return seen

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Put in the value itself, as in `get(block=WAITS)`."""
        if isinstance(node.ctx, ast.Load) and node.id in self._known:
            return ast.copy_location(ast.Constant(self._known[node.id]), node)
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        """Put the branch in place of a decided `if`."""
        node.test, decided = self._decide(node.test)
        self.generic_visit(node)
        if decided is None:
            return node
        return node.body if decided else node.orelse

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """Put the value in place of a decided conditional expression."""
        node.test, decided = self._decide(node.test)
        self.generic_visit(node)
        if decided is None:
            return node
        return node.body if decided else node.orelse

    def visit_While(self, node: ast.While) -> ast.AST:
        """Shorten the condition of a loop; the loop itself stays, for it was seen turning."""
        node.test, _ = self._decide(node.test)
        return self.generic_visit(node)

    def _decide(self, test: ast.expr) -> tuple[ast.expr, bool | None]:
        """Shorten a condition; gives what it comes to as well, None where that is open."""
        if isinstance(test, ast.Name) and test.id in self._known:
            return test, self._known[test.id]
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test.operand, decided = self._decide(test.operand)
            return test, None if decided is None else not decided
        if isinstance(test, ast.BoolOp):
            return self._decide_all(test)
        return test, None

    def _decide_all(self, test: ast.BoolOp) -> tuple[ast.expr, bool | None]:
        """Shorten `and`, which one false part decides, or `or`, which one true part does."""
        deciding = isinstance(test.op, ast.Or)
        left: list[ast.expr] = []
        for value in test.values:
            short, decided = self._decide(value)
            if decided is deciding and not any(_acts(one) for one in left):
                return test, deciding
            if decided is None or decided is deciding:
                left.append(short)
        if not left:
            return test, not deciding
        if len(left) == 1:
            return left[0], None
        test.values = left
        return test, None


def _acts(node: ast.expr) -> bool:
    """Whether a part of a condition does something that must be kept."""
    return any(isinstance(part, ast.Call | ast.Await | ast.NamedExpr) for part in ast.walk(node))


def _own_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """Give the names that a function binds itself."""
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    stored = {
        part.id for part in own_nodes(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    return {one.arg for one in every if one is not None} | stored
