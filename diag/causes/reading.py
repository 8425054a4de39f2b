"""Calls that receive something: what they read from, and how they show that no more will come."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from diag.causes.calls import called, dotted, last, receiver, target_names
from diag.causes.ends import End
from diag.causes.shape import below
from diag.source import Module

_WHAT = (
    "line|lines|chunk|char|byte|bytes|any|into|from|msg|until|exactly|event|some|1|all|obj|object|message|packet|frame|data|"
    "record|command|reply|response|next|item|job|task|work|request|pkt|key|block|buffer|next_message|next_event"
)

READS = re.compile(
    r"^_*((a|sock|async|do|try|raw|safe|blocking|wait_for|wait|ws|conn|handle)_?)?"
    rf"((read|recv|receive)(_\w*|{_WHAT})?|(get|fetch|pull|take|dequeue|consume|retrieve|next|blpop|brpop)(_?({_WHAT}))?)$",
    re.IGNORECASE,
)
"""Names of what receives, in libraries and in the projects that use them: `readline`, `sock_recv`, `_receive_packet`."""

GIVES_EMPTY = frozenset(
    {
        "read", "readline", "read1", "readany", "readchunk", "readinto", "readinto1", "readlines", "recv", "recvfrom",
        "recv_into", "recvfrom_into", "recvmsg", "sock_recv", "sock_recv_into", "sock_recvfrom", "sock_recvfrom_into",
        "readuntil", "read_until", "receive_some", "read_some", "recv_bytes", "read_eager", "read_very_eager",
    }
)  # fmt: skip
"""Methods that tell the end of a stream by an empty result: of files, sockets, pipes and asyncio streams."""

_ARGUMENT_IS_SOURCE = frozenset({"sock_recv", "sock_recv_into", "sock_recvfrom", "sock_recvfrom_into"})
_RUNS_ANOTHER = frozenset(
    {"run_in_executor", "to_thread", "run_sync", "submit", "partial", "run_in_threadpool"}
)
_MAKES_TASK = frozenset({"create_task", "ensure_future", "wait_for", "shield", "start_soon"})
_STREAM_NAMES = frozenset({"stdin", "stdout", "stderr", "StreamReader"})
_OPENS = frozenset({"open", "popen", "makefile", "fdopen", "pipe", "pipe2", "socketpair"})


@dataclass(frozen=True)
class Read:
    """A call that receives something."""

    call: ast.Call
    name: str
    """Of the function: "readline"."""
    source: str
    """Dotted name of what is read from; "" where it has none."""
    awaited: bool

    @property
    def ends(self) -> tuple[End, ...]:
        """How its result can show the end."""
        return ("empty",) if self.name in GIVES_EMPTY else ("none", "empty", "closed")

    @property
    def line(self) -> int:
        """Line of the call."""
        return self.call.lineno

    def is_final(self, function: ast.AST) -> bool:
        """Whether an empty result can mean nothing but the end.

        A plain `read` can be that of a serial port with a timeout, or of a file to which another process still writes;
        those of asyncio, of sockets, of pipes to a child and of what the function opened itself cannot.
        """
        if self.name not in GIVES_EMPTY:
            return False
        of_socket = self.name.startswith(("recv", "sock_recv")) and bool(self.call.args)
        return self.awaited or of_socket or last_part(self.source) in _STREAM_NAMES or self._opened(function)

    def _opened(self, function: ast.AST) -> bool:
        return any(
            isinstance(node, ast.Assign)
            and any(self.source in target_names(target) for target in node.targets)
            and isinstance(node.value, ast.Call)
            and called(node.value) in _OPENS - {"open"}
            for node in below(function)
        )


_MAY_TIME_OUT = re.compile(
    r"\b(serial|usb|hid|bluetooth|bluez|smbus|termios|pexpect|telnetlib|set_?blocking|O_NONBLOCK|VMIN|uart)\b",
    re.IGNORECASE,
)
"""What a module mentions whose reads may give nothing for now: serial ports and the like, and what does not block."""

_PORTS = re.compile(r"^_*(ser|serial|(com_?)?port|uart|tty|dev|device|modem|dongle)\d*$", re.IGNORECASE)


def is_of_stream(read: Read, module: Module) -> bool:
    """Whether an empty result of a plain read means the end as far as its module tells."""
    waits = not _MAY_TIME_OUT.search(module.text) and not _PORTS.match(last_part(read.source))
    return read.name in GIVES_EMPTY and waits


_GIVES_MESSAGES = frozenset(
    {
        "get",
        "next",
        "receive",
        "recv",
        "read_message",
        "next_message",
        "receive_message",
        "pull",
        "take",
        "dequeue",
    }
)
_RAISES_AT_END = re.compile(r"\b(trio|anyio)\b")


def gives_message(read: Read) -> bool:
    """Whether what a read gives tells of its end and of nothing else: a queue's sentinel, a message of a close."""
    if read.name == "get":
        return not read.call.args
    plain = not read.call.args and not read.call.keywords
    return read.awaited and plain and read.name in _GIVES_MESSAGES


def raises_at_end(read: Read, module: Module) -> bool:
    """Whether it is of those that tell their end by an exception and not by a value: channels and streams of trio and anyio."""
    return read.name == "receive" and bool(_RAISES_AT_END.search(module.text))


def reads_in(*nodes: ast.AST) -> Iterator[Read]:
    """Give the calls in nodes that receive something, also those handed to a thread: `to_thread(file.readline)`."""
    awaited = {id(part) for node in below(*nodes) if _is_awaited(node) for part in below(node)}
    for node in below(*nodes):
        if not isinstance(node, ast.Call):
            continue
        if called(node) in _RUNS_ANOTHER:
            yield from _handed_on(node)
        elif READS.match(called(node)) and not _is_lookup(node):
            yield Read(node, called(node), _source(node), id(node) in awaited)


def _is_awaited(node: ast.AST) -> bool:
    """Whether what is inside is a coroutine's."""
    return isinstance(node, ast.Await) or (isinstance(node, ast.Call) and called(node) in _MAKES_TASK)


def last_part(name: str) -> str:
    """Give the last part of a dotted name."""
    return name.rpartition(".")[2]


def _handed_on(call: ast.Call) -> Iterator[Read]:
    for argument in call.args:
        if isinstance(argument, ast.Attribute) and READS.match(last(argument)):
            yield Read(call, argument.attr, dotted(argument.value), awaited=True)


def _source(call: ast.Call) -> str:
    of_argument = (
        called(call) in _ARGUMENT_IS_SOURCE
        or dotted(call.func) == "os.read"
        or isinstance(call.func, ast.Name)
    )
    if of_argument:
        return dotted(call.args[0]) if call.args else dotted(call.func)
    return receiver(call)


def _is_lookup(call: ast.Call) -> bool:
    """Whether it rather looks something up: `mapping.get(key)`, `items.pop()`, `os.getpid()`, `next(iterator)`."""
    name = called(call)
    if name == "get":
        return bool(call.args) and not _is_number(call.args[0])
    if name.startswith("get"):
        return dotted(call.func).startswith(("os.", "asyncio.", "sys.", "time.")) or name == "getattr"
    return name == "pop" or (isinstance(call.func, ast.Name) and name in {"next", "anext"})


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)
