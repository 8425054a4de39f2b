"""Who makes what grows: the line that starts a task or thread, the function that opens what nobody closes."""

import ast
import itertools
from collections import Counter

from diag.causes.calls import last as last_name
from diag.evidence.hot import is_passive, is_standard
from diag.evidence.looks import Call, own_part
from diag.findings import Step
from diag.origin import Origin, origin
from diag.source import Function, own_nodes
from diag.verdicts.case import Case

_STARTERS = frozenset(
    {"create_task", "ensure_future", "start_soon", "spawn", "run_coroutine_threadsafe", "start", "gather"}
    | {"Thread", "submit", "run_in_executor", "to_thread", "start_new_thread"}
)

_OPENERS = frozenset(
    {
        *(
            "open",
            "open_connection",
            "open_unix_connection",
            "create_connection",
            "socket",
            "socketpair",
            "connect",
        ),
        *(
            "TemporaryFile",
            "NamedTemporaryFile",
            "SpooledTemporaryFile",
            "mkstemp",
            "pipe",
            "Popen",
            "dup",
            "urlopen",
        ),
        *(
            "create_subprocess_exec",
            "create_subprocess_shell",
            "ws_connect",
            "ClientSession",
            "Session",
            "makefile",
        ),
        *(
            "HTTPConnection",
            "HTTPSConnection",
            "accept",
            "memfd_create",
            "epoll",
            "inotify_init",
            "create_server",
        ),
    }
)
"""Names of calls that give a descriptor."""


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
        and last_name(node.func) in _STARTERS
        and any(name in {getattr(part, "attr", ""), getattr(part, "id", "")} for part in ast.walk(node))
    ]


def new_threads(case: Case) -> Call | None:
    """Give the function that most of the threads run that began within the window."""
    if case.looks is None:
        return None
    first = {thread.thread for thread in case.looks.taken[0].threads}
    last = case.looks.taken[-1]
    counts: Counter[tuple[str, str]] = Counter()
    calls: dict[tuple[str, str], Call] = {}
    for thread in last.threads:
        if thread.thread in first or not thread.frames:
            continue
        call = own_part(case.looks.calls(thread.frames))[0]
        counts[call.key] += 1
        calls[call.key] = call
    return calls[counts.most_common(1)[0][0]] if counts else None


def opener_of(case: Case) -> tuple[Function, Step] | None:
    """Find the function of the user's code, or else of a package's, that opens something outside a `with`.

    Of several, the one that was seen on a stack the most often.
    """
    seen = _seen(case)
    found: list[tuple[bool, int, bool, Function, Step]] = []
    for file, module in case.modules.items():
        if is_passive(file):
            continue
        for function in module.functions:
            line = _opens(function)
            if line:
                step = Step(file=file, function=function.name, line=line)
                times = seen[file, function.name.rpartition(".")[2]]
                found.append((origin(file) is not Origin.OWN, -times, _closes(function), function, step))
    if not found:
        return None
    best = min(found, key=lambda entry: entry[:3])
    return best[3], best[4]


def _seen(case: Case) -> Counter[tuple[str, str]]:
    """Count how often each function was on a stack, of a thread or of a task that is ready or waits."""
    seen: Counter[tuple[str, str]] = Counter()
    for (name, file), lines in case.around.sampled.items():
        seen[file, name] += lines.total()
    if case.looks is None:
        return seen
    frames = case.looks.snapshots.frames
    for shot in case.looks.taken:
        stacks = [thread.frames for thread in shot.threads]
        stacks += [task.frames for loop in shot.loops for task in (*loop.next, *loop.waiting)]
        for entry in itertools.chain.from_iterable(stacks):
            frame = frames[entry.frame]
            seen[frame.file, frame.function.rpartition(".")[2]] += 1
    return seen


def _opens(function: Function) -> int:
    """Give the line on which a function opens something outside a `with`; 0 for none."""
    nodes = own_nodes(function.node)
    held = {
        part
        for node in nodes
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        for part in ast.walk(item.context_expr)
    }
    for node in nodes:
        if isinstance(node, ast.Call) and node not in held and last_name(node.func) in _OPENERS:
            return node.lineno
    return 0


def _closes(function: Function) -> bool:
    """Whether a function closes anything."""
    return any(
        isinstance(node, ast.Call)
        and last_name(node.func) in {"close", "aclose", "shutdown", "wait_closed", "terminate"}
        for node in own_nodes(function.node)
    )
