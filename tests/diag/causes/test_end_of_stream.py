"""HL002: a loop goes on reading from what has ended."""

import textwrap

import pytest
import scenes

from diag.causes.cause import Scene, Variable
from diag.causes.end_of_stream import CAUSE

FAULTY = {
    "a line": (
        "line",
        """
        while True:
            line = await reader.readline()
            if line.strip():
                handle(line)
        """,
    ),
    "an empty line skipped": (
        "line",
        """
        while True:
            line = await reader.readline()
            if not line:
                continue
            handle(line)
        """,
    ),
    "a socket": (
        "data",
        """
        while True:
            data = sock.recv(4096)
            self.parser.feed(data)
        """,
    ),
    "a socket of the loop": (
        "data",
        """
        while True:
            data = await loop.sock_recv(sock, 4096)
            buffer += data
        """,
    ),
    "a TLS socket": (
        "data",
        """
        while not self.closed:
            try:
                data = self.tls.recv(16384)
            except ssl.SSLWantReadError:
                select.select([self.tls], [], [])
                continue
            self.feed(data)
        """,
    ),
    "bytes counted into a buffer": (
        "count",
        """
        while True:
            count = sock.recv_into(view)
            self.feed(view[:count])
        """,
    ),
    "a file that is read to its end": (
        "line",
        """
        while True:
            line = file.readline()
            if line.startswith("#"):
                continue
            if "END" in line:
                break
            handle(line)
        """,
    ),
    "a child that closed its output": (
        "line",
        """
        while process.poll() is None:
            line = process.stdout.readline()
            if line:
                log.info(line)
        """,
    ),
    "an end that asks for more": (
        "line",
        """
        while True:
            line = process.stdout.readline()
            if not line and process.poll() is not None:
                break
            handle(line)
        """,
    ),
    "a test before it is connected": (
        "data",
        """
        while True:
            if self.connected and self.transport.at_eof():
                break
            data = await self.transport.read(4096)
            self.parser.feed(data)
        """,
    ),
    "a decoded line": (
        "text",
        """
        while self.running:
            text = (await self.reader.readline()).decode().strip()
            await self.dispatch(text)
        """,
    ),
    "a test for None of what gives bytes": (
        "chunk",
        """
        while True:
            chunk = await asyncio.wait_for(reader.read(1024), 30)
            if chunk is None:
                return
            handle(chunk)
        """,
    ),
    "a WebSocket of which only text is looked at": (
        "msg.type",
        """
        while True:
            msg = await ws.receive()
            if msg.type == WSMsgType.TEXT:
                handle(msg.data)
            elif msg.type == WSMsgType.ERROR:
                break
        """,
    ),
    "the data of a closed WebSocket": (
        "payload",
        """
        while self.state == "connected":
            payload = None
            try:
                payload = (await self.ws.receive()).data
            except ServerDisconnectedError:
                await self.queue.put(None)
                break
            packet = Packet(payload)
            await self._receive_packet(packet)
        """,
    ),
    "a sentinel put back": (
        "item",
        """
        while True:
            item = queue.get()
            if item is None:
                queue.put(None)
                continue
            handle(item)
        """,
    ),
    "a packet of a library": (
        "packet",
        """
        while True:
            packet = await self._read_packet()
            if packet:
                self.handlers[packet.kind](packet)
        """,
    ),
    "an event of a device": (
        "event",
        """
        while True:
            event = os.read(fd, 4096)
            for one in parse(event):
                handle(one)
        """,
    ),
    "a read in a thread": (
        "line",
        """
        while True:
            line = await loop.run_in_executor(None, sys.stdin.readline)
            await self.command(line)
        """,
    ),
    "a failure that is waited for, an end that is not": (
        "data",
        """
        while True:
            try:
                data = sock.recv(100)
            except OSError:
                time.sleep(1)
                continue
            handle(data)
        """,
    ),
    "an end word that never comes": (
        "line",
        """
        line = ""
        while line != "END":
            line = file.readline().strip()
            lines.append(line)
        """,
    ),
    "an inner loop that is left, the outer one not": (
        "line",
        """
        while True:
            while len(batch) < 10:
                line = file.readline()
                if not line:
                    break
                batch.append(line)
            self.give(batch)  # hot
        """,
    ),
    "a request read from a pipe": (
        "request",
        """
        while True:
            request = self.pipe.readline()
            match request.split():
                case ["stop"]:
                    break
                case [name, *arguments]:
                    self.call(name, arguments)
        """,
    ),
}

SILENT = {
    "a test": """
        while True:
            line = await reader.readline()
            if not line:
                break
            handle(line)
    """,
    "a test that returns": """
        while True:
            data = sock.recv(100)
            if data == b"":
                return
            handle(data)
    """,
    "a test that raises": """
        while True:
            data = sock.recv(100)
            if len(data) == 0:
                raise ConnectionResetError("closed")
            handle(data)
    """,
    "a test in the head": """
        while data := sock.recv(100):
            handle(data)
    """,
    "the value in the head": """
        line = file.readline()
        while line:
            handle(line)
            line = file.readline()
    """,
    "the stream in the head": """
        while not reader.at_eof():
            line = await reader.readline()
            handle(line)
    """,
    "either of two ends": """
        while True:
            data = await reader.read(100)
            if not data or data.startswith(b"BYE"):
                break
            handle(data)
    """,
    "the other branch": """
        while True:
            data = await reader.read(100)
            if data:
                handle(data)
            else:
                self.close()
                return
    """,
    "after an empty one": """
        while True:
            data = await reader.read(100)
            if data:
                handle(data)
                continue
            break
    """,
    "a file that grows": """
        while True:
            line = file.readline()
            if not line:
                time.sleep(0.5)
                continue
            handle(line)
    """,
    "a poll with a pause": """
        while True:
            data = port.read(64)
            self.feed(data)
            await asyncio.sleep(0.01)
    """,
    "a closed WebSocket": """
        while True:
            msg = await ws.receive()
            if msg.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                break
            handle(msg)
    """,
    "only text is let through": """
        while True:
            msg = await ws.receive()
            if msg.type != WSMsgType.TEXT:
                break
            handle(msg)
    """,
    "a disconnect of ASGI": """
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
    """,
    "a match": """
        while True:
            match await reader.readline():
                case b"":
                    return
                case line:
                    handle(line)
    """,
    "a sentinel": """
        while True:
            item = await queue.get()
            if item is None:
                break
            handle(item)
    """,
    "a sentinel by name": """
        while True:
            item = queue.get()
            if item is STOP:
                break
            handle(item)
    """,
    "a text that is stripped": """
        while True:
            text = (await reader.readline()).strip()
            if not text:
                break
            handle(text)
    """,
    "one of two sockets": """
        while True:
            ready, _, _ = select.select([one, other], [], [])
            if one in ready:
                data = one.recv(100)
                if len(data) == 0:
                    break
                other.sendall(data)
            if other in ready:
                data = other.recv(100)
                if len(data) == 0:
                    break
                one.sendall(data)
    """,
    "one of many": """
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 32768)
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                handle(data)
    """,
    "connected anew": """
        while True:
            line = await self.reader.readline()
            if not line:
                await self.connect()
                continue
            handle(line)
    """,
    "up to a sentinel": """
        for item in iter(queue.get, None):
            handle(item)
    """,
    "a getter": """
        while node:
            node = self.get_corresponding_parent(node)
    """,
    "a lookup": """
        while work:
            value = settings.get("name")
            handle(value)
    """,
    "a poll that does not wait": """
        while True:
            message = pubsub.get_message()
            if message:
                handle(message)
    """,
    "a loop that ends anyway": """
        for _ in range(10):
            line = file.readline()
            handle(line)
    """,
    "no read": """
        while True:
            handle(self.value)
    """,
    "an assertion": """
        while True:
            line = file.readline()
            if not line: sys.exit("unexpected end")
            handle(line)
    """,
}


def within(body: str, hot: str = "while") -> Scene:
    """Make a scene of a coroutine with a body, at its first loop if it says nothing of a line."""
    lines = textwrap.dedent(body).strip("\n").splitlines()
    if not any(line.endswith("# hot") for line in lines):
        at = next(at for at, line in enumerate(lines) if line.startswith((hot, "for")))
        lines[at] += "  # hot"
    return scenes.scene("async def run(self, *given):\n" + textwrap.indent("\n".join(lines), "    ") + "\n")


@pytest.mark.parametrize(("variable", "body"), FAULTY.values(), ids=FAULTY)
def test_an_end_that_nothing_leaves_for(variable: str, body: str) -> None:
    """It is found in the source, and stated once the value is seen to be at its end; fresh data refute it."""
    here = within(body)
    empty = Variable(behaviour="empty", types=())
    closed = Variable(behaviour="constant", types=("WSMsgType",), text="CLOSED")
    measured = scenes.facts(variables={variable: closed if variable.endswith(".type") else empty})
    assert scenes.judged(CAUSE, here, measured) == 0.95
    fresh = scenes.facts(variables={variable.partition(".")[0]: "changing"})
    assert scenes.judged(CAUSE, here, fresh) == 0.0


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_look_alikes_are_silent(body: str) -> None:
    """A loop that is left at the end, or that pauses there, is no fault."""
    assert CAUSE.find(within(body)) is None


def test_lines_are_named() -> None:
    """The read, the loop, and the `continue` that only reads again."""
    match = scenes.found(CAUSE, within(FAULTY["an empty line skipped"][1]))
    assert (match.line, match.lines) == (3, (2, 3, 5))
    assert match.message == (
        "`reader.readline()` in line 3 returns nothing at once at the end of the stream, and the `while True` of line 2 "
        "goes on reading: nothing in it leaves for that; the `continue` in line 5 only reads again"
    )


def test_a_condition_too_many_is_named() -> None:
    """Where the end leaves the loop only under a further condition, that line is said."""
    match = scenes.found(CAUSE, within(FAULTY["an end that asks for more"][1]))
    assert "nothing in it leaves for that alone (line 4 asks for more than that)" in match.message
    assert match.lines == (2, 3, 4)


def test_what_is_read_into_is_named() -> None:
    """A buffer that the result is added to, at once or by way of a variable."""
    for body in ("self.buffer += sock.recv(10)", "data = sock.recv(10)\n    self.buffer.extend(data)"):
        match = scenes.found(CAUSE, within(f"while True:\n    {body}\n"))
        assert match.names[-1] == "+self.buffer"


def test_an_iteration_up_to_a_text_over_bytes() -> None:
    """`iter(read, "")` never ends where `read` gives bytes; over text its variable would not stay empty."""
    body = 'for line in iter(child.stdout.readline, ""):\n    print(line)\n'
    here = within(body)
    match = scenes.found(CAUSE, here)
    assert match.line == 2
    assert "ends when `child.stdout.readline` gives ''" in match.message
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"line": "empty"})) == 0.95
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"line": "changing"})) == 0.0


def test_without_a_loop_there_is_none() -> None:
    """A single read is no loop."""
    assert CAUSE.find(scenes.scene("async def run(r):\n    line = await r.readline()  # hot\n")) is None
