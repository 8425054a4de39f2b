"""Leak: live tasks, threads, connections or descriptors that grow without bound, and who makes them."""

import ast
from collections.abc import Sequence

from diag import thresholds
from diag.causes.cause import Facts, Scene
from diag.evidence.growth import Growth
from diag.evidence.hot import is_standard
from diag.evidence.looks import Call
from diag.findings import CauseFound, Culprit, Evidence, Step, Verdict
from diag.origin import Origin, origin
from diag.places import culprit_at
from diag.source import Function, own_nodes
from diag.verdicts.case import Case, Finding, causes_at

_STARTERS = frozenset(
    {"create_task", "ensure_future", "start_soon", "spawn", "run_coroutine_threadsafe", "start", "gather"}
)


def leaks(case: Case) -> list[Finding]:
    """Find what grows without bound."""
    grown = [*case.around.tasks.growing, *case.others]
    if not grown:
        return []
    return [_leak_finding(grown[0], grown, case)]


def _leak_finding(leak: Growth, grown: Sequence[Growth], case: Case) -> Finding:
    facts = [
        Evidence(
            kind=f"{growth.kind}-growth" + (f" {growth.name}" if growth.name else ""),
            value=round(growth.per_second, 1),
            unit="1/s",
            text=f"{growth.kind.capitalize()}{f' of {growth.name}' if growth.name else ''} grew from {growth.first:,} "
            f"to {growth.last:,} in the window.",
        )
        for growth in grown[:5]
    ]
    what = f"{leak.kind} of {leak.name}" if leak.name else leak.kind
    reason = f"Live {what} grow by {leak.per_second:,.0f} a second ({leak.first:,} to {leak.last:,}), and do not end."
    name = next((growth for growth in grown if growth.kind == "tasks"), None)
    culprit, creator, causes = _leak_place(name, case) if name else (None, None, ())
    age = case.recording.started + case.recording.seconds - case.recording.target.created
    confidence = 0.9 if age >= thresholds.YOUNG_SECONDS else 0.7
    verdict = Verdict(
        name="leak", confidence=confidence, reason=reason, evidence=tuple(fact.kind for fact in facts)
    )
    return Finding(verdict, culprit, causes, tuple(facts), creator)


def _leak_place(leak: Growth, case: Case) -> tuple[Culprit | None, Step | None, tuple[CauseFound, ...]]:
    """Find the coroutine whose tasks grow, and who starts them."""
    module = case.modules.get(leak.file)
    creator = creator_of(leak.name, case)
    call = Call(leak.name, leak.file, leak.line, 0, {})
    culprit = culprit_at(call, (), case.recording, case.modules, 0.0) if leak.file else None
    if module is None or culprit is None:
        return culprit, creator, ()
    function = module.function_at(leak.line, leak.name)
    loop = function.loops[0] if function.loops else None
    outer = []
    if creator is not None and (made := case.modules.get(creator.file)):
        outer.append((made, made.function_at(creator.line, creator.function), creator.line))
    scene = Scene(
        module=module,
        function=function,
        loop=loop,
        line=loop.first if loop else leak.line,
        outer=tuple(outer),
    )
    tasks = case.around.tasks
    facts = Facts(
        verdicts=frozenset({"leak"}),
        on_event_loop=True,
        created_per_second=tasks.created_per_second,
        growth_per_second=leak.per_second,
        growing=tuple(growth.name for growth in tasks.growing),
    )
    causes = causes_at(scene, facts)
    return culprit, creator, causes


def creator_of(coroutine: str, case: Case) -> Step | None:
    """Find the line that starts a coroutine as a task, in the sources that are known: the user's own first."""
    last = coroutine.rpartition(".")[2]
    found: list[tuple[bool, Step]] = []
    for file, module in case.modules.items():
        if is_standard(file) or last not in module.text:
            continue
        for function in module.functions:
            found += [
                (origin(file) is not Origin.OWN, Step(file=file, function=function.name, line=line))
                for line in _starts(function, last)
            ]
    return min(found, key=lambda entry: entry[0])[1] if found else None


def _starts(function: Function, name: str) -> list[int]:
    """Give the lines on which a function hands a call of `name` to something that makes tasks."""
    return [
        node.lineno
        for node in own_nodes(function.node)
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        in _STARTERS
        and any(name in {getattr(part, "attr", ""), getattr(part, "id", "")} for part in ast.walk(node))
    ]
