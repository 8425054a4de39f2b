"""Calls that receive something."""

import ast

import pytest

from diag.causes.reading import Read, reads_in

NAMES = {
    "reader.readline()": ("readline", "reader", False),
    "await self.reader.read(100)": ("read", "self.reader", True),
    "await loop.sock_recv(sock, 10)": ("sock_recv", "sock", True),
    "os.read(fd, 10)": ("read", "fd", False),
    "self._receive_packet()": ("_receive_packet", "self", False),
    "await asyncio.wait_for(ws.receive_str(), 3)": ("receive_str", "ws", True),
    "asyncio.create_task(content.readline())": ("readline", "content", True),
    "await asyncio.to_thread(file.readline)": ("readline", "file", True),
    "loop.run_in_executor(None, sys.stdin.readline)": ("readline", "sys.stdin", True),
    "queue.get(timeout=3)": ("get", "queue", False),
    "queue.get(True, 3)": ("get", "queue", False),
    "consumer.get_message()": ("get_message", "consumer", False),
    "read_frame(stream)": ("read_frame", "stream", False),
    "(await ws.recv()).data": ("recv", "ws", True),
    "connection().recv()": ("recv", "connection()", False),
}


def reads(text: str) -> list[Read]:
    """Give the reads in an expression."""
    return list(reads_in(ast.parse(text, mode="eval").body))


@pytest.mark.parametrize("text", NAMES)
def test_a_read(text: str) -> None:
    """Its name, what it reads from, and whether it is awaited."""
    (read,) = reads(text)
    assert (read.name, read.source, read.awaited) == NAMES[text]


@pytest.mark.parametrize(
    "text",
    [
        "settings.get('key')",
        "mapping.get(key, 0)",
        "items.pop()",
        "os.getpid()",
        "asyncio.get_running_loop()",
        "next(it)",
        "getattr(x, 'y')",
        "ready()",
        "thread.start()",
        "self.get_corresponding_line(1)",
        "self.consume_all_now()",
    ],
)
def test_no_read(text: str) -> None:
    """A lookup, or something else that is called alike."""
    assert reads(text) == []


def test_how_the_end_shows() -> None:
    """Files and sockets give what is empty; of others it is not known."""
    assert reads("f.readline()")[0].ends == ("empty",)
    assert set(reads("ws.receive()")[0].ends) == {"none", "empty", "closed"}


@pytest.mark.parametrize(
    ("before", "text", "final"),
    [
        ("", "await r.read()", True),
        ("", "s.recv(10)", True),
        ("", "child.stdout.readline()", True),
        ("f = sock.makefile()", "f.readline()", True),
        ("f = open('x')", "f.readline()", False),
        ("", "port.read(10)", False),
        ("", "await ws.receive()", False),
        ("", "ws.recv()", False),
    ],
)
def test_an_end_that_is_final(before: str, text: str, final: bool) -> None:  # noqa: FBT001 - the other half of a table
    """Empty for ever: of asyncio, sockets, pipes. A serial port's timeout or a file that grows look alike."""
    function = ast.parse(f"async def run():\n    {before or 'pass'}\n    x = {text}\n").body[0]
    (read,) = [read for read in reads_in(function) if read.name in {"read", "readline", "recv", "receive"}]
    assert read.is_final(function) is final
