"""Services as they are written, written before the rule was tried on them."""


async def ssevents(response, emit):
    while True:
        fields = {}
        while True:
            raw = await response.content.readline()
            line = raw.decode().rstrip("\n")
            if not line:
                break
            name, _, value = line.partition(": ")
            fields[name] = value
        emit(fields)
        if response.content.at_eof():
            return


async def supervisor(factory):
    while True:
        proc = await factory()
        while True:
            line = await proc.stdout.readline()
            if not line:
                break
            print(line)
        code = await proc.wait()
        if code == 0:
            break


async def supervisor_forever(cmd):
    while True:
        proc = await asyncio.create_subprocess_exec(*cmd, stdout=PIPE)
        while True:
            line = await proc.stdout.readline()
            if not line:
                break
            print(line)
        await proc.wait()


class Client:
    async def run(self):
        while True:
            try:
                await self.login()
                while True:
                    data = await self.reader.read(1024)
                    if not data:
                        break
                    self.parse(data)
            except OSError:
                log.warning("retrying")
            await self.backoff()

    async def run2(self):
        backoff = ExponentialBackoff()
        while not self.is_closed():
            async for msg in self.ws:
                if msg.type is WSMsgType.CLOSED:
                    break
                await self.on(msg)
            await self.resume_or_fail(backoff)

    async def poll_ws(self):
        while True:
            try:
                await self.ws.poll_event()
            except ReconnectWebSocket as e:
                await self.reopen(e)

    def _drain(self):
        while True:
            self._wait_readable()
            while True:
                chunk = self._sock.recv(4096)
                if not chunk:
                    break
                self._buf += chunk
            self._on_data()

    def run_forever(self):
        while self.keep_running:
            for message in self.socket:
                if message is None:
                    break
                self.on_message(message)

    def _thread(self):
        while True:
            with self.cond:
                while not self.items:
                    if self.stopped:
                        break
                    self.cond.wait()
                if self.stopped:
                    return
                item = self.items.pop()
            self.run_one(item)

    def _thread2(self):
        while True:
            with self.cond:
                while not self.items:
                    if self.closed:
                        return
                    self.cond.wait()
                item = self.items.popleft()
            if item is None:
                break
            self.run_one(item)

    def loop(self):
        while True:
            for _ in range(10):
                pkt = self.transport.read_packet()
                if pkt is None:
                    break
                self.handle(pkt)
            self.idle()


def chat(server_sock, clients):
    while True:
        r, w, e = select.select([server_sock, *clients], [], [])
        for s in r:
            if s is server_sock:
                c, _ = s.accept()
                clients.append(c)
            else:
                data = s.recv(100)
                if not data:
                    clients.remove(s)
                    break
                for other in clients:
                    other.send(data)


def echo(sel):
    while True:
        for key, mask in sel.select(timeout=None):
            callback = key.data
            if callback is None:
                break
            callback(key.fileobj, mask)


def http_keepalive(conn):
    while True:
        request_line = conn.readline()
        if not request_line:
            break
        headers = {}
        while True:
            h = conn.readline()
            if not h or h == b"\r\n":
                break
            k, v = h.split(b":", 1)
            headers[k] = v
        respond(conn, request_line, headers)


async def chunked(reader, sink):
    while True:
        size = int((await reader.readline()).strip(), 16)
        if size == 0:
            break
        while size > 0:
            data = await reader.read(size)
            if not data:
                break
            size -= len(data)
            sink(data)


async def chunked_raises(reader, sink):
    while True:
        header = await reader.readexactly(8)
        remaining = struct.unpack("!Q", header)[0]
        while remaining:
            data = await reader.read(min(remaining, 65536))
            if not data:
                break
            remaining -= len(data)
            sink(data)


def batches(queue, write):
    while True:
        batch = [queue.get()]
        while len(batch) < 100:
            try:
                batch.append(queue.get_nowait())
            except Empty:
                break
        write(batch)


def batches_stop(queue, write):
    stopped = False
    while not stopped:
        batch = []
        for _ in range(100):
            item = queue.get()
            if item is None:
                stopped = True
                break
            batch.append(item)
        write(batch)


def batches_last(queue, write):
    while True:
        batch = []
        for _ in range(100):
            item = queue.get()
            if item is None:
                break
            batch.append(item)
        write(batch)
        if item is None:
            break


def batches_len(queue, write):
    while True:
        batch = []
        for _ in range(100):
            item = queue.get()
            if item is None:
                break
            batch.append(item)
        if not batch:
            return
        write(batch)


def by_group(queue, write):
    while True:
        group = []
        while True:
            item = queue.get()
            if item is None:
                break
            group.append(item)
            if len(group) == 10:
                break
        write(group)


async def stop_then_wait(stop, jobs, wake):
    while True:
        for job in jobs:
            if stop.is_set():
                break
            job()
        await wake.wait()
        wake.clear()


def cancel_round(cancel, start, steps):
    while True:
        start.wait()
        start.clear()
        for step in steps:
            if cancel.is_set():
                break
            step()
        cancel.clear()


def cancelled_job(jobs):
    for job in jobs:
        while True:
            for part in job.parts:
                if job.cancelled():
                    break
                part()
            if job.finished:
                break


async def pubsub_loop(pubsub, handle):
    while True:
        async for message in pubsub.listen():
            if message is None:
                break
            await handle(message)


async def resubscribe(nc, subject, handle):
    while True:
        sub = await nc.subscribe(subject)
        async for msg in sub.messages:
            if msg.data == b"":
                break
            await handle(msg)
        await sub.unsubscribe()


async def race(stop, reader, handle):
    stop_task = asyncio.create_task(stop.wait())
    while not stop_task.done():
        read = asyncio.create_task(reader.read(100))
        done, _ = await asyncio.wait({read, stop_task}, return_when=asyncio.FIRST_COMPLETED)
        if read not in done:
            read.cancel()
            break
        data = read.result()
        if not data:
            break
        for part in data.split(b"\0"):
            if not part:
                break
            handle(part)


def trailing_empty(conn, handle):
    while True:
        data = conn.recv(1024)
        if not data:
            break
        for line in data.split(b"\n"):
            if not line:
                break
            handle(line)


async def trailing_empty_async(reader, handle):
    rest = b""
    while chunk := await reader.read(1024):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if not line:
                break
            handle(line)


async def until_at_eof(reader, handle):
    while not reader.at_eof():
        for part in (await reader.read(100)).split(b","):
            if not part:
                break
            handle(part)


def tail_many(files, handle):
    while True:
        for file in files:
            while True:
                line = file.readline()
                if not line:
                    break
                handle(line)
        time.sleep(0.2)


def tail_select(proc, poller, handle):
    while True:
        for fd, event in poller.poll():
            if event & select.POLLHUP:
                poller.unregister(fd)
                break
            handle(os.read(fd, 1024))


def rpc(sock, handle):
    while True:
        try:
            head = recv_exactly(sock, 4)
        except EOFError:
            break
        handle(head)


def rpc_inner(sock, handle):
    while True:
        buf = b""
        while len(buf) < 8:
            part = sock.recv(8 - len(buf))
            if not part:
                break
            buf += part
        length, kind = struct.unpack("!II", buf)
        handle(length, kind)


def parse_message(sock):
    while True:
        buf = b""
        while len(buf) < 8:
            part = sock.recv(8 - len(buf))
            if not part:
                break
            buf += part
        try:
            yield Message.parse(buf)
        except ParseError:
            return


def user_shell(prompt):
    while True:
        for line in prompt():
            if line == "exit":
                break
            run(line)


def pinger(hosts, stop):
    while True:
        for host in hosts:
            if stop.wait(1.0):
                break
            ping(host)
        else:
            continue
        break


def producer(q, source, stop):
    while not stop.is_set():
        for record in source:
            while not stop.is_set():
                try:
                    q.put(record, timeout=0.1)
                    break
                except Full:
                    continue


def lookup(nodes):
    while True:
        for node in nodes:
            if not node.parent:
                break
            node.update()
        if converged(nodes):
            return nodes


async def worker(name, queue):
    while True:
        job = await queue.get()
        async for part in job.stream():
            if part is None:
                break
            await store(name, part)
        queue.task_done()


async def accept_loop(listener):
    while True:
        stream = await listener.accept()
        async with stream:
            while True:
                data = await stream.receive_some(1000)
                if not data:
                    break
                await stream.send_all(data)


async def http2(conn, sock):
    while True:
        data = await sock.recv(65536)
        if not data:
            break
        for event in conn.receive_data(data):
            if isinstance(event, ConnectionTerminated):
                break
            handle(event)


async def grpc(stub, handle):
    while True:
        call = stub.Watch(Request())
        async for update in call:
            if update.type == UpdateType.CLOSED:
                break
            handle(update)


async def bot(dispatcher, ws_factory):
    ws = await ws_factory()
    while True:
        async for msg in ws:
            if msg.type == WSMsgType.CLOSED:
                break
            dispatcher(msg)
        ws = await ws_factory()


async def with_reader_swap(make, handle):
    reader = make()
    while True:
        while True:
            data = await reader.read(10)
            if not data:
                reader = make()
                break
            handle(data)


def pages_of_rows(cursor, write):
    while True:
        rows = cursor.fetchmany(100)
        if not rows:
            break
        for row in rows:
            if row is None:
                break
            write(row)


def lexer(text, rules):
    pos = 0
    while True:
        for rule in rules:
            m = rule.match(text, pos)
            if m is None:
                break
            pos = m.end()
        if pos >= len(text):
            return


async def heartbeat(ws, interval):
    while True:
        for _ in range(3):
            if ws.closed:
                break
            await ws.ping()
        await asyncio.sleep(interval)


async def nested_exit_by_flag_on_object(session):
    while session.open:
        async for m in session.ws:
            if m.type == WSMsgType.CLOSED:
                session.open = False
                break
            session.handle(m)


class Renews:
    """Its methods open the stream anew, or raise."""

    async def run(self):
        while True:
            while True:
                data = await self.reader.read(1024)
                if not data:
                    break
                self.feed(data)
            await self.flush()

    async def flush(self):
        self.sink.extend(self.buffer)
        await self.again()

    async def again(self):
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def checks(self):
        while True:
            while True:
                data = await self.reader.read(1024)
                if not data:
                    break
                self.feed(data)
            self.expected()

    def expected(self):
        if self.total != self.size:
            raise EOFError
