"""Decorators that call a function again when it fails: tenacity, retrying, backoff and their like."""

import ast
import re

from diag.causes.calls import argument, called, dotted, number
from diag.causes.cause import Match, Scene
from diag.causes.polls import shown
from diag.causes.swallowed import ALL, TRIED
from diag.source import Function

_STOPS = re.compile(r"stop|max_|tries|attempts|times|retries|timeout")

_WAITS = re.compile(r"wait|delay|backoff|interval|sleep")


def decorated(scene: Scene) -> Match | None:
    """Find a decorator of the function, or of one seen below it, that retries without end and without a pause."""
    for function in (scene.function, *(found for module, found in scene.inner if module is scene.module)):
        for decorator in getattr(function.node, "decorator_list", []):
            if _retries_at_once(decorator):
                return _match(function, decorator)
    return None


def _match(function: Function, decorator: ast.expr) -> Match:
    defined = getattr(function.node, "lineno", decorator.lineno)
    return Match(
        line=decorator.lineno,
        lines=tuple(sorted({decorator.lineno, defined})),
        message=f"`@{shown(decorator)}` in line {decorator.lineno} calls `{function.name}` again at once when it fails: "
        "it sets neither a wait nor an end.",
        names=(TRIED, ALL),
    )


def _retries_at_once(decorator: ast.expr) -> bool:
    """Whether it neither waits nor stops: tenacity's default, retrying's, and backoff's with an interval of 0."""
    if not isinstance(decorator, ast.Call):
        return dotted(decorator).rpartition(".")[2] == "retry"
    given = {keyword.arg or "**": keyword.value for keyword in decorator.keywords}
    if "**" in given or any(_STOPS.match(name) for name in given):
        return False
    if called(decorator) == "retry":
        waits = [value for name, value in given.items() if _WAITS.match(name)]
        return not decorator.args and all(_no_wait(value) for value in waits)
    return called(decorator) in {"on_exception", "on_predicate"} and number(given.get("interval")) == 0


def _no_wait(given: ast.expr) -> bool:
    if isinstance(given, ast.Call):
        fixed = called(given) == "wait_fixed" and number(argument(given, 0, "wait")) == 0
        return fixed or called(given) == "wait_none"
    return number(given) == 0
