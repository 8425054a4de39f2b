"""Which calls wait for time to pass or for something to come, by their names and arguments."""

import ast
import re

from diag.causes.calls import argument, called, dotted, number, receiver

INSTANT = 0.0005
"""Seconds: a shorter pause ends a thousand times and more a second, and costs as much as none."""

TIMEOUTS = (
    "timeout",
    "timeout_ms",
    "timeout_sec",
    "time_limit",
    "seconds",
    "secs",
    "timeout_seconds",
    "delay",
)

WAITING = frozenset(
    {
        *("select", "acquire", "accept", "input", "sigwait", "sigtimedwait", "run_forever", "getch"),
        *("waitpid", "serve_forever", "communicate", "as_completed", "park", "sleep_forever", "sleep_until"),
        *("blpop", "brpop", "brpoplpush", "blmove", "bzpopmin", "run_until_complete", "get_many"),
    }
)
"""Names of calls that wait, if their arguments do not forbid it."""

_WAITS_BY_NAME = re.compile(
    r"_*(async_?)?(sleep|wait|backoff|back_off|throttle|cool_?down|rate_?limit|snooze|hold_off|pause|delay)"
)

_QUEUE = re.compile(
    r"(?:^|_)(?:q|queue|inbox|mailbox|channel|chan|jobs|tasks|work|messages|events)s?$|queue", re.IGNORECASE
)

POLLER = re.compile(r"poller|epoll|pollster|selector|kqueue", re.IGNORECASE)


def waits(call: ast.Call) -> bool:  # noqa: PLR0911 - a line for each kind of call
    """Whether a call, by its name and arguments, waits for time to pass or for something to come."""
    name, owner = called(call), receiver(call)
    if not_waiting(call):
        return False
    if name == "wait_for":  # asyncio's ends with what it waits for, the one of a condition waits itself
        return not (call.args and isinstance(call.args[0], ast.Call))
    if name in {"pause", "delay"} or (name.startswith("rate") and owner):
        return owner in {"", "self", "signal", "time"}  # a task's `delay` in Celery puts it in a queue
    if _WAITS_BY_NAME.match(name):
        return True
    if name == "join":
        return _joins(call)
    if name == "poll":
        return bool(call.args or call.keywords or POLLER.search(owner))
    if name in {"get", "pop", "put", "receive", "recv"}:
        return _from_queue(call, name, owner)
    return name in WAITING


def not_waiting(call: ast.Call) -> bool:
    """Whether the arguments of a call say that it must not wait: `timeout=0`, `block=False`, `WNOHANG`."""
    for keyword in call.keywords:
        if keyword.arg in {"block", "blocking", "wait"} and _is(keyword.value, value=False):
            return True
        if keyword.arg in TIMEOUTS and (seconds := number(keyword.value)) is not None and seconds < INSTANT:
            return True
    if any(dotted(one).endswith(("NOBLOCK", "DONTWAIT", "WNOHANG", "MSG_DONTWAIT")) for one in _values(call)):
        return True
    position = {
        "select": 3 if len(call.args) > 1 else 0,
        "poll": 0,
        "wait": 0,
        "acquire": 0,
        "get": 0,
        "join": 0,
    }
    given = argument(call, position.get(called(call), -1))
    return _is(given, value=False) or (
        number(given) == 0 and called(call) != "get"
    )  # a dict's `get(0)` asks for a key


def _values(call: ast.Call) -> list[ast.expr]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [
        side for one in given for side in ([one.left, one.right] if isinstance(one, ast.BinOp) else [one])
    ]


def _is(node: ast.expr | None, *, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _joins(call: ast.Call) -> bool:
    """Whether it waits for a thread, process or queue, other than the `join` of strings and paths."""
    if not isinstance(call.func, ast.Attribute) or isinstance(call.func.value, ast.Constant | ast.JoinedStr):
        return False
    timed = any(keyword.arg == "timeout" for keyword in call.keywords)
    return timed or not call.args or (len(call.args) == 1 and number(call.args[0]) is not None)


def _from_queue(call: ast.Call, name: str, owner: str) -> bool:
    """Whether it takes from (or puts into) a queue that it waits for, other than the `get` of dicts and sessions."""
    keywords = {keyword.arg for keyword in call.keywords}
    if (
        name in {"get", "put"}
        and keywords & {"block", "timeout"}
        and not keywords - {"block", "timeout", "item"}
    ):
        return True
    queue = bool(_QUEUE.search(owner.rpartition(".")[2]))
    return queue and name in {"get", "receive", "recv"} and len(call.args) <= (2 if name == "get" else 0)
