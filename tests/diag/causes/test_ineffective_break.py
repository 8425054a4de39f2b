"""HL001: a `break` that says that the work is over leaves only an inner loop."""

import pathlib
import textwrap

import pytest
import scenes

from diag.causes.breaks import IneffectiveBreak, ineffective_breaks
from diag.causes.ineffective_break import CAUSE
from repro.server import variants

FAULTY = {
    "the done set of wait": """
        read = asyncio.create_task(content.readline())
        while True:  # outer
            done, _ = await asyncio.wait({read, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for future in done:  # inner
                if future is stopping:
                    return
                line = read.result()
                if not line:
                    break  # break
                await lines.put(line)
                read = asyncio.create_task(content.readline())
    """,
    "the result of the future at hand": """
        tasks = [asyncio.create_task(client.lines()), asyncio.create_task(stop.wait())]
        while True:  # outer
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:  # inner
                message = task.result()
                if message is None:
                    log.info("closed")
                    break  # break
                handle(message)
    """,
    "a match on the result of the future at hand": """
        while True:  # outer
            done, _ = await asyncio.wait({get, stop}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:  # inner
                match task.result():
                    case None:
                        break  # break
                    case item:
                        handle(item)
                get = asyncio.create_task(queue.get())
    """,
    "a read made anew on each turn": """
        while True:  # outer
            read = asyncio.ensure_future(reader.readline())
            done, _ = await asyncio.wait([read, ping])
            for future in done:  # inner
                if future is read:
                    line = future.result()
                    if line == b"":
                        break  # break
                    handle(line)
    """,
    "the parts of what was read": """
        while not stopping.done():  # outer
            read = await content.readline()
            for line in read.split(b"\\r"):  # inner
                if not line:
                    break  # break
                await lines.put(line)
    """,
    "the parts of what was read, at once": """
        while True:  # outer
            for part in (await reader.read(4096)).split(b"\\0"):  # inner
                if part == b"":
                    break  # break
                handle(part)
    """,
    "a read in a nested while": """
        while True:  # outer
            while True:  # inner
                line = await reader.readline()
                if not line:
                    break  # break
                handle(line)
    """,
    "a socket in a nested while": """
        sock = socket.create_connection(address)
        while True:  # outer
            while len(buffer) < 4:  # inner
                data = sock.recv(4096)
                if len(data) == 0:
                    print("peer closed")
                    break  # break
                buffer += data
            count += 1
    """,
    "a walrus": """
        while self.running:  # outer
            while True:  # inner
                if not (data := await self.reader.read(1024)):
                    break  # break
                self.buffer.extend(data)
    """,
    "a batch that is given on": """
        while True:  # outer
            batch = []
            for _ in range(100):  # inner
                line = await reader.readline()
                if line == b"":
                    break  # break
                batch.append(line)
            publish(batch)
    """,
    "async for over a WebSocket": """
        while True:  # outer
            async for msg in ws:  # inner
                if msg.type in (WSMsgType.CLOSED, WSMsgType.CLOSING):
                    break  # break
                await handle(msg)
    """,
    "a match on the type of a message": """
        while True:  # outer
            async for msg in ws:  # inner
                match msg.type:
                    case WSMsgType.TEXT:
                        await handle(msg)
                    case WSMsgType.CLOSED:
                        break  # break
    """,
    "a match on what was read": """
        while True:  # outer
            while True:  # inner
                line = await reader.readline()
                match line:
                    case b"":
                        break  # break
                    case _:
                        handle(line)
    """,
    "a sentinel in a stream": """
        while True:  # outer
            async for item in feed:  # inner
                if item is None:
                    break  # break
                handle(item)
    """,
    "an end in the other branch": """
        while True:  # outer
            while True:  # inner
                line = await reader.readline()
                if line:
                    handle(line)
                else:
                    break  # break
    """,
    "an event to stop by": """
        while True:  # outer
            for job in jobs:  # inner
                if self.stop_event.is_set():
                    break  # break
                job.run()
    """,
    "a flag to stop by": """
        while True:  # outer
            for message in consumer:  # inner
                if self._shutdown:
                    break  # break
                handle(message)
    """,
    "a ready socket that stays registered": """
        while True:  # outer
            for key, _ in selector.select():  # inner
                data = key.fileobj.recv(4096)
                if not data:
                    break  # break
                handle(data)
    """,
    "an end among other things": """
        while True:  # outer
            async for message in subscription:  # inner
                if message is None or message.kind == "bye":
                    break  # break
                handle(message)
    """,
    "exits for another reason": """
        while True:  # outer
            if self._stopping.is_set():
                return
            while True:  # inner
                try:
                    data = await reader.read(100)
                except asyncio.CancelledError:
                    raise
                if not data:
                    writer.close()
                    break  # break
                if data == b"quit":
                    return
                handle(data)
    """,
    "an end that is raised": """
        while True:  # outer
            while True:  # inner
                try:
                    message = pipe.recv()
                except EOFError:
                    break  # break
                handle(message)
    """,
    "a child's output": """
        while True:  # outer
            while True:  # inner
                line = child.stdout.readline()
                if not line:
                    break  # break
                sys.stdout.write(line)
    """,
}

SILENT = {
    "else and a second break": """
        while True:
            data = await reader.read(100)
            for line in data.split(b"\\n"):
                if not line:
                    break
                handle(line)
            else:
                continue
            break
    """,
    "a flag that is tested after the loop": """
        while True:
            data = await reader.read(100)
            over = False
            for line in data.split(b"\\n"):
                if not line:
                    over = True
                    break
                handle(line)
            if over:
                break
    """,
    "a flag that the while tests": """
        more = True
        while more:
            while True:
                line = await reader.readline()
                if not line:
                    more = False
                    break
                handle(line)
    """,
    "the same value tested after the loop": """
        while True:
            while True:
                line = await reader.readline()
                if not line:
                    break
                handle(line)
            if not line:
                return
    """,
    "a return after the loop": """
        while True:
            async for msg in ws:
                if msg.type == WSMsgType.CLOSED:
                    break
                handle(msg)
            return
    """,
    "a raise after the loop": """
        while True:
            while True:
                data = sock.recv(100)
                if not data:
                    break
                handle(data)
            raise ConnectionResetError
    """,
    "something that comes at last": """
        while True:
            while True:
                data = await reader.read(100)
                if data:
                    break
            handle(data)
    """,
    "a message at last": """
        while True:
            while True:
                message = await channel.receive()
                if message is not None:
                    break
            handle(message)
    """,
    "a search": """
        while True:
            message = await queue.get()
            for route in routes:
                if route.matches(message):
                    route.handle(message)
                    break
    """,
    "a search for the first that is empty": """
        while True:
            job = await queue.get()
            for slot in slots:
                if slot is None:
                    break
            assign(job, slot)
    """,
    "a server for one connection after the other": """
        while True:
            conn, address = server.accept()
            while True:
                data = conn.recv(1024)
                if not data:
                    break
                conn.sendall(data)
    """,
    "a connection made anew": """
        while True:
            reader, writer = await asyncio.open_connection(host, port)
            while True:
                line = await reader.readline()
                if not line:
                    break
                handle(line)
    """,
    "a connection made anew by a method": """
        while True:
            await self.connect()
            while True:
                line = await self.reader.readline()
                if not line:
                    break
                self.handle(line)
    """,
    "a connection in a with": """
        while True:
            async with session.ws_connect(url) as ws:
                async for msg in ws:
                    if msg.type == WSMsgType.CLOSED:
                        break
                    handle(msg)
    """,
    "a stream opened in the head": """
        while True:
            async for event in client.watch(name):
                if event is None:
                    break
                handle(event)
            client = await make()
    """,
    "lines of a file that grows": """
        while True:
            while True:
                line = file.readline()
                if not line:
                    break
                handle(line)
            time.sleep(1)
    """,
    "a pause of unknown length": """
        while True:
            while True:
                line = file.readline()
                if not line:
                    break
                handle(line)
            await asyncio.sleep(self.interval)
    """,
    "headers of one request after the other": """
        while True:
            request = await reader.readline()
            if not request:
                break
            while True:
                header = await reader.readline()
                if header in (b"\\r\\n", b"\\n", b""):
                    break
                headers.append(header)
            await respond(request, headers)
    """,
    "pending goes on without the done": """
        while True:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.result() is None:
                    break
    """,
    "the done one taken out": """
        while True:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                tasks.discard(task)
                value = task.result()
                if value is None:
                    break
                handle(value)
    """,
    "a new read before the test": """
        while True:
            done, _ = await asyncio.wait({get, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                item = get.result()
                get = asyncio.create_task(queue.get())
                if item is None:
                    break
                handle(item)
    """,
    "unregistered before": """
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(4096)
                if not data:
                    selector.unregister(key.fileobj)
                    break
                handle(data)
    """,
    "the while asks the stream": """
        while not reader.at_eof():
            while True:
                line = await reader.readline()
                if not line:
                    break
                handle(line)
    """,
    "the while asks the same event": """
        while not stop.is_set():
            for job in jobs:
                if stop.is_set():
                    break
                job.run()
    """,
    "words of a sentence": """
        while True:
            words = (await reader.readline()).split()
            if not words:
                return
            for word in words:
                if not word.isalpha():
                    break
                handle(word)
    """,
    "an exit that tests what was read": """
        while True:
            chunk = await reader.read(4096)
            if not chunk:
                return total
            for line in chunk.split(b"\\n"):
                if not line:
                    break
                total += 1
    """,
    "an exit by the number of bytes": """
        while True:
            while True:
                chunk = await reader.read(4096)
                if not chunk:
                    break
                received += len(chunk)
            if received >= expected:
                break
    """,
    "an exit by time": """
        while True:
            while True:
                chunk = sock.recv(4096)
                if not chunk:
                    break
                handle(chunk)
            if monotonic() > deadline:
                raise TimeoutError
    """,
    "a generator that gives way": """
        while True:
            async for item in feed:
                if item is None:
                    break
                handle(item)
            yield batch
    """,
    "a buffer that is used up": """
        while True:
            while self.buffer:
                message = self.buffer.popleft()
                if message is None:
                    break
                handle(message)
            await self.more.wait()
    """,
    "input of a user": """
        while True:
            for attempt in range(3):
                answer = input("? ")
                if not answer:
                    break
                handle(answer)
    """,
    "a for around": """
        for path in paths:
            with open(path) as file:
                while True:
                    line = file.readline()
                    if not line:
                        break
                    handle(line)
    """,
    "a break that leaves the while": """
        while True:
            match await reader.readline():
                case b"":
                    break
                case line:
                    handle(line)
    """,
    "an inner loop that ends otherwise": """
        while True:
            async for msg in ws:
                if msg.type == WSMsgType.TEXT:
                    break
            await handle(msg)
    """,
    "the end of the process": """
        while True:
            while True:
                line = sys.stdin.readline()
                if not line:
                    break
                handle(line)
            sys.exit(0)
    """,
    "an end that is raised, and a way out": """
        while True:
            while True:
                try:
                    message = pipe.recv()
                except EOFError:
                    break
                handle(message)
            if not self.reopen():
                return
    """,
    "an end that is raised, and a new pipe": """
        while True:
            pipe = self.listener.accept()
            while True:
                try:
                    message = pipe.recv()
                except EOFError:
                    break
                handle(message)
    """,
    "a queue that is empty": """
        while True:
            while True:
                try:
                    item = queue.get_nowait()
                except Empty:
                    break
                handle(item)
            process.poll()
    """,
    "an exception that ends a stream": """
        while True:
            try:
                async for message in socket:
                    if message is None:
                        break
                    handle(message)
            except ConnectionClosed:
                return
    """,
}


def text(body: str) -> str:
    """Make a module of a coroutine with a body."""
    return (
        "async def run(self, *given):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"
    )


@pytest.mark.parametrize("body", FAULTY.values(), ids=FAULTY)
def test_the_three_lines_are_named(body: str) -> None:
    """The `break`, the loop that it leaves and the one that goes on."""
    here = scenes.scene(text(body), marker="# break")
    inner, outer = (scenes.line_of(here.module, marker) for marker in ("# inner", "# outer"))
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (here.line, (outer, inner, here.line))
    kinds = ("async for", "for", "while True", "while")
    words = [next(kind for kind in kinds if kind in here.module.lines[at - 1]) for at in (inner, outer)]
    assert match.message == (
        f"the `break` in line {here.line} leaves only the `{words[0]}` of line {inner}; "
        f"the `{words[1]}` of line {outer} goes on"
    )


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_look_alikes_are_silent(body: str) -> None:
    """What leaves the outer loop, pauses it or begins it afresh is no fault."""
    module = scenes.module(text(body))
    assert [found.node.lineno for one in module.functions for found in ineffective_breaks(module, one)] == []


SURE = {
    "an event to stop by",
    "a sentinel in a stream",
    "a walrus",
    "the done set of wait",
    "a socket in a nested while",
}
UNSURE = {
    "the text of a serial port": """
        while True:
            while True:
                data = port.read(64)
                if not data:
                    break
                buffer += data
    """,
    "a call that may wait": """
        while True:
            await self.heartbeat()
            while True:
                line = await self.reader.readline()
                if not line:
                    break
                handle(line)
    """,
}


def test_what_the_source_alone_proves() -> None:
    """A rule without measurements may state it only where no other reading is left."""
    for name in SURE:
        assert [found.certain for found in _all(FAULTY[name])] == [True], name
    for name, body in UNSURE.items():
        assert [found.certain for found in _all(body)] == [False], name


def _all(body: str) -> list[IneffectiveBreak]:
    module = scenes.module(text(body))
    return [found for one in module.functions for found in ineffective_breaks(module, one)]


@pytest.mark.parametrize(
    ("name", "faulty"), [("buggy", True), ("frozen", True), ("published", False), ("hardened", False)]
)
def test_the_variants_of_the_log_service(name: str, faulty: bool) -> None:  # noqa: FBT001 - the other half of a table
    """Both faulty readers are found, the repaired ones are not."""
    path = pathlib.Path(variants.__path__[0]) / f"{name}.py"
    module = scenes.module(path.read_text(), str(path))
    found = [one for function in module.functions for one in ineffective_breaks(module, function)]
    assert bool(found) is faulty
    assert all(module.lines[one.node.lineno - 1].strip() == "break" and one.certain for one in found)


def test_measured_values_decide() -> None:
    """An empty value confirms, a fresh one refutes; payload that is moved refutes as well."""
    here = scenes.scene(text(FAULTY["a read in a nested while"]), marker="# break")
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"line": "empty"})) == 1.0
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"line": "changing"})) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts()) == 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(bytes_per_second=1e8)) == 0.0


def test_only_around_the_hot_line() -> None:
    """A fault elsewhere in the function explains nothing."""
    body = text(FAULTY["a read in a nested while"]) + "    while True:\n        work()  # hot\n"
    assert CAUSE.find(scenes.scene(body)) is None
