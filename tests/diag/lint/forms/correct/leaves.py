"""The outer loop is left after all: by a second `break`, a flag, `return`, an exception."""


async def else_continue(reader, handle):
    while True:
        data = await reader.read(100)
        for line in data.split(b"\n"):
            if not line:
                break
            handle(line)
        else:
            continue
        break


async def flag_after(reader, handle):
    eof = False
    while True:
        while True:
            line = await reader.readline()
            if not line:
                eof = True
                break
            handle(line)
        if eof:
            return


async def flag_in_the_while(reader, handle):
    running = True
    while running:
        for _ in range(10):
            line = await reader.readline()
            if not line:
                running = False
                break
            handle(line)


class Pump:
    async def attribute_in_the_while(self):
        while not self._closed:
            while True:
                data = await self.reader.read(1024)
                if not data:
                    self._closed = True
                    break
                self.feed(data)

    async def method_in_the_while(self):
        while self.is_connected():
            while True:
                data = await self.reader.read(1024)
                if not data:
                    self.disconnect()
                    break
                self.feed(data)

    async def property_in_the_while(self):
        while self.connected:
            async for msg in self.ws:
                if msg.type == WSMsgType.CLOSED:
                    break
                self.feed(msg)

    async def helper_that_raises(self):
        while True:
            while True:
                data = await self.reader.read(1024)
                if not data:
                    break
                self.feed(data)
            self.fail_if_closed()

    async def cancelled_by_itself(self):
        while True:
            async for msg in self.ws:
                if msg.type == WSMsgType.CLOSED:
                    self.task.cancel()
                    break
            await asyncio.sleep(0)

    async def flag_by_method(self):
        while self._running:
            for _ in range(5):
                line = await self.reader.readline()
                if line == b"":
                    self.stop()
                    break
                self.feed(line)


async def returned_after(ws, handle):
    while True:
        async for msg in ws:
            if msg.type in (WSMsgType.CLOSED, WSMsgType.ERROR):
                break
            await handle(msg)
        return


async def same_value_tested(reader, handle):
    while True:
        while True:
            line = await reader.readline()
            if not line:
                break
            handle(line)
        if not line:
            break


async def length_tested(sock, size, handle):
    while True:
        buf = b""
        while len(buf) < size:
            part = sock.recv(size - len(buf))
            if not part:
                break
            buf += part
        if len(buf) < size:
            return
        handle(buf)


def raised_after(sock, handle):
    while True:
        while True:
            data = sock.recv(4096)
            if not data:
                break
            handle(data)
        raise ConnectionResetError("peer closed")


def short_read(sock, size, handle):
    while True:
        buf = bytearray()
        while len(buf) < size:
            part = sock.recv(size - len(buf))
            if part == b"":
                break
            buf.extend(part)
        if not buf:
            return
        handle(buf)


def raised_by_the_next_step(sock, unpack, handle):
    while True:
        head = b""
        while len(head) < 4:
            part = sock.recv(4 - len(head))
            if not part:
                break
            head += part
        (size,) = struct.unpack("!I", head)
        handle(size)


def indexed_after(sock, handle):
    try:
        while True:
            got = []
            for _ in range(4):
                part = sock.recv(1)
                if not part:
                    break
                got.append(part)
            handle(got[3])
    except IndexError:
        return


async def exception_from_the_outer_read(reader, handle):
    while True:
        size = int.from_bytes(await reader.readexactly(2), "big")
        while size:
            data = await reader.read(size)
            if not data:
                break
            size -= len(data)
            handle(data)


async def iterates_again_and_raises(ws, handle):
    while True:
        first = await ws.recv()
        async for msg in ws:
            if msg is None:
                break
            handle(first, msg)


def exit_process():
    while True:
        while True:
            line = sys.stdin.readline()
            if not line:
                break
            print(line)
        sys.exit(0)


async def any_result_empty(tasks, handle):
    while True:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.result() is None:
                break
            handle(task.result())
        if all(t.done() for t in tasks):
            break


async def outer_condition_on_sets(pending, handle):
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.result() is None:
                break
            handle(task.result())


async def stop_tested_outside(stop, jobs):
    while True:
        for job in jobs:
            if stop.is_set():
                break
            await job()
        if stop.is_set():
            return


async def while_tests_the_stop(stop, jobs):
    while not stop.is_set():
        for job in jobs:
            if stop.is_set():
                break
            await job()


class Scanner(threading.Thread):
    def run(self):
        while not self._stop_event.wait(self.interval):
            for host in self.hosts:
                if self._stop_event.is_set():
                    break
                self.probe(host)

    def loop(self):
        while True:
            for host in self.hosts:
                if self._stop_event.is_set():
                    break
                self.probe(host)
            if self._stop_event.wait(10):
                break

    def by_flag(self):
        while not self.stopped:
            for host in self.hosts:
                if self.stopped:
                    break
                self.probe(host)

    def not_running(self):
        while self.running:
            for host in self.hosts:
                if not self.running:
                    break
                self.probe(host)


async def loop_variable(ws, handle):
    closed = False
    while not closed:
        async for msg in ws:
            if msg.type == WSMsgType.CLOSED:
                closed = True
                break
            handle(msg)


async def try_else(reader, handle):
    while True:
        try:
            while True:
                data = await reader.read(10)
                if not data:
                    break
                handle(data)
        finally:
            break


async def loop_else_returns(reader, handle):
    while True:
        while True:
            data = await reader.read(10)
            if not data:
                break
            handle(data)
        else:
            continue
        return


def nested_function_returns(sock):
    def read_all():
        while True:
            data = sock.recv(100)
            if not data:
                break
            yield data

    while True:
        chunk = next(read_all(), None)
        if chunk is None:
            return


async def ws_closed_property(ws, handle):
    while not ws.closed:
        async for msg in ws:
            if msg.type == WSMsgType.CLOSED:
                break
            handle(msg)


async def deadline(reader, handle, until):
    while time.monotonic() < until:
        while True:
            data = await reader.read(10)
            if not data:
                break
            handle(data)


async def timeout_around(reader, handle):
    async with asyncio.timeout(3):
        while True:
            while True:
                data = await reader.read(10)
                if not data:
                    break
                handle(data)
            await asyncio.sleep(0.1)


async def returned_in_a_finally(reader, handle):
    while True:
        try:
            async for line in reader:
                if not line:
                    break
                handle(line)
        except OSError:
            log.exception("lost")
        else:
            return


async def raise_by_call(reader, handle):
    while True:
        while True:
            data = await reader.read(10)
            if not data:
                break
            handle(data)
        check_alive(reader)


async def counted(reader, handle, retries=3):
    while retries > 0:
        while True:
            data = await reader.read(10)
            if not data:
                break
            handle(data)
        retries -= 1
