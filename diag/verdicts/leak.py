"""Leak: live tasks, threads, connections or descriptors that grow without bound, and who makes them."""

from collections.abc import Sequence

from diag import thresholds
from diag.causes.cause import Facts, Scene
from diag.evidence.growth import Growth
from diag.evidence.looks import Call
from diag.findings import CauseFound, Culprit, Evidence, Step, Verdict
from diag.places import culprit_at
from diag.verdicts.case import Case, Finding, causes_at
from diag.verdicts.makers import creator_of, new_threads, opener_of

_Place = tuple[Culprit | None, Step | None, tuple[CauseFound, ...]]


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
    culprit, creator, causes = _place(grown, case)
    age = case.recording.started + case.recording.seconds - case.recording.target.created
    confidence = 0.9 if age >= thresholds.YOUNG_SECONDS else 0.7
    verdict = Verdict(
        name="leak", confidence=confidence, reason=reason, evidence=tuple(fact.kind for fact in facts)
    )
    return Finding(verdict, culprit, causes, tuple(facts), creator)


def _place(grown: Sequence[Growth], case: Case) -> _Place:
    """Find what grows: the tasks' coroutine, the threads' function, or who opens what is not closed."""
    kinds = {growth.kind: growth for growth in reversed(grown)}
    if kinds.keys() & {"connections", "descriptors"} and (opener := opener_of(case)):
        function, step = opener
        call = Call(function.name, step.file, step.line, 0, {})
        if "tasks" not in kinds or _opens_for_itself(kinds["tasks"], step):
            return culprit_at(call, (), case.recording, case.modules, 0.0), None, ()
    if "tasks" in kinds:
        return _task_place(kinds["tasks"], case)
    if "threads" in kinds and (thread := new_threads(case)):
        leak = kinds["threads"]
        return _task_place(
            Growth(
                "threads", thread.function, thread.file, thread.line, leak.first, leak.last, leak.per_second
            ),
            case,
        )
    return None, None, ()


def _opens_for_itself(tasks: Growth, step: Step) -> bool:
    """Whether the tasks that grow are another function's than the one that opens: its servers, say."""
    return tasks.name.rpartition(".")[2] != step.function.rpartition(".")[2]


def _task_place(leak: Growth, case: Case) -> _Place:
    """Find the function whose tasks or threads grow, and who starts them."""
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
        growing=tuple(growth.name for growth in tasks.growing) or (leak.name,),
    )
    causes = causes_at(scene, facts)
    return culprit, creator, causes
