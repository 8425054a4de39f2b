"""The place of a loop that is seen in the stack samples only: snapshots of what changes all the time are rare."""

from collections import Counter
from collections.abc import Mapping, Sequence

from diag.causes.task_per_turn import FAST
from diag.evidence.hot import is_passive
from diag.evidence.looks import Call, below_loop
from diag.verdicts.case import Case
from diag.verdicts.makers import creator_of

LEAST = 2
"""Samples of a loop that make it the place."""


def loop_place(case: Case) -> tuple[Call, tuple[Call, ...], tuple[Call, ...], frozenset[int]] | None:
    """Find the user's loop, or a package's, that most stack samples below the event loop go through.

    Returns:
        The call at its commonest line, the calls above and below it in one of the samples, and the lines seen of it;
        None where there are too few samples.
    """
    lines: dict[tuple[str, str], Counter[int]] = {}
    seen: dict[tuple[str, str, int], tuple[tuple[Call, ...], int]] = {}
    for calls in _stacks(case):
        number = innermost_loop(calls, case)
        if number is not None:
            call = calls[number]
            lines.setdefault(call.key, Counter())[call.line] += 1
            seen[(*call.key, call.line)] = calls, number
    if not lines:
        return None
    key = max(lines, key=lambda found: lines[found].total())
    if lines[key].total() < LEAST:
        return None
    key = _maker(key, lines, case) or key
    calls, number = seen[(*key, lines[key].most_common(1)[0][0])]
    return calls[number], calls[:number], calls[number + 1 :], frozenset(lines[key])


def _maker(
    key: tuple[str, str], seen: Mapping[tuple[str, str], Counter[int]], case: Case
) -> tuple[str, str] | None:
    """Give the sampled loop that makes a task of a function on each of its turns: that one turns, and not its tasks."""
    if (case.around.tasks.created_per_second or 0.0) < FAST:
        return None
    step = creator_of(key[0], case)
    if step is None:
        return None
    made_by = (step.function.rpartition(".")[2], step.file)
    looped = case.modules[step.file].function_at(step.line, step.function).loops_at(step.line)
    return made_by if looped and made_by in seen and made_by != key else None


def _stacks(case: Case) -> list[tuple[Call, ...]]:
    """Give the samples of the process as calls without variables, below the event loop."""
    found = []
    for stacks in case.recording.stacks:
        if stacks.pid != case.pid:
            continue
        frames = [Call(frame.function, frame.file, frame.line, 0, {}) for frame in stacks.frames]
        for sample in stacks.samples:
            below = below_loop([frames[number] for number in sample.frames])
            if below:
                found.append(below)
    return found


def innermost_loop(calls: Sequence[Call], case: Case) -> int | None:
    """Give the number of the innermost call that is in a loop and none of the standard library's."""
    for number in range(len(calls) - 1, -1, -1):
        call = calls[number]
        module = case.modules.get(call.file)
        if module is None or is_passive(call.file):
            continue
        if module.function_at(call.line, call.function).loops_at(call.line):
            return number
    return None
