"""What ended begins anew on the next turn: another connection, stream, request, batch or item."""


def server(listener):
    while True:
        conn, _ = listener.accept()
        while True:
            data = conn.recv(1024)
            if not data:
                break
            conn.sendall(data)


def server_with(listener):
    while True:
        conn, addr = listener.accept()
        with conn:
            print("connected", addr)
            while True:
                data = conn.recv(1024)
                if not data:
                    break
                conn.sendall(data)


async def reconnects(host, port, handle):
    while True:
        reader, writer = await asyncio.open_connection(host, port)
        while True:
            line = await reader.readline()
            if not line:
                break
            handle(line)
        writer.close()


async def session_anew(session, url, handle):
    while True:
        async with session.ws_connect(url) as ws:
            async for msg in ws:
                if msg.type in (WSMsgType.CLOSED, WSMsgType.ERROR):
                    break
                await handle(msg)


async def session_anew_with_pause(session, url, handle):
    while True:
        try:
            async with session.ws_connect(url) as ws:
                async for msg in ws:
                    if msg.type is WSMsgType.CLOSE:
                        break
                    await handle(msg)
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(5)


class Client:
    async def by_method(self):
        while True:
            await self._connect()
            while True:
                line = await self._reader.readline()
                if not line:
                    break
                self.handle(line)

    async def by_method_after(self):
        while True:
            while True:
                line = await self._reader.readline()
                if not line:
                    break
                self.handle(line)
            await self._reconnect()

    async def by_handler(self):
        while True:
            async for msg in self.ws:
                if msg.type == WSMsgType.CLOSED:
                    await self.on_close()
                    break
                self.handle(msg)

    async def property_gives_a_new_one(self):
        while True:
            async for msg in self.subscribe():
                if msg is None:
                    break
                self.handle(msg)

    async def in_the_branch(self):
        while True:
            for _ in range(100):
                data = await self.reader.read(100)
                if not data:
                    self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
                    break
                self.handle(data)

    async def replaced_in_a_handler(self):
        while True:
            while True:
                try:
                    msg = await self.ws.recv()
                except ConnectionClosed:
                    self.ws = await websockets.connect(self.url)
                    break
                self.handle(msg)

    def rotated(self):
        while True:
            while True:
                line = self.file.readline()
                if not line:
                    break
                self.handle(line)
            self.reopen_if_rotated()
            time.sleep(0.5)

    def connects_when_needed(self):
        while True:
            sock = self.ensure_socket()
            while True:
                data = sock.recv(4096)
                if not data:
                    break
                self.handle(data)
            sock.close()

    def sets_none(self):
        while True:
            if self.sock is None:
                self.sock = self.dial()
            while True:
                data = self.sock.recv(4096)
                if not data:
                    self.sock.close()
                    self.sock = None
                    break
                self.handle(data)


async def watch_again(client, handle):
    while True:
        async for event in client.watch("/services"):
            if event is None:
                break
            handle(event)


async def websockets_iterator(url, handle):
    async for ws in websockets.connect(url):
        try:
            async for message in ws:
                handle(message)
        except websockets.ConnectionClosed:
            continue


async def pages(client, handle):
    cursor = None
    while True:
        page = await client.list(cursor)
        for item in page.items:
            if item is None:
                break
            handle(item)
        cursor = page.next


async def one_message_after_the_other(queue, routes):
    while True:
        message = await queue.get()
        for route in routes:
            if route is None:
                break
            route(message)


async def jobs_of_a_queue(queue, handle):
    while True:
        job = await queue.get()
        for step in job.steps:
            if job.cancelled:
                break
            await handle(step)
        queue.task_done()


async def headers(reader, respond):
    while True:
        request = await reader.readline()
        if not request:
            return
        fields = []
        while True:
            line = await reader.readline()
            if line in (b"\r\n", b"\n", b""):
                break
            fields.append(line)
        await respond(request, fields)


async def blank_line_ends_a_block(reader, emit):
    while True:
        block = []
        while True:
            line = (await reader.readline()).rstrip(b"\r\n")
            if not line:
                break
            block.append(line)
        if not block and reader.at_eof():
            return
        emit(block)


async def blank_line_of_text(reader, emit):
    while not reader.at_eof():
        event = {}
        while True:
            line = (await reader.readline()).decode().strip()
            if not line:
                break
            key, _, value = line.partition(":")
            event[key] = value
        emit(event)


async def new_tasks_each_turn(sources, handle):
    while True:
        tasks = {asyncio.create_task(source.get()) for source in sources}
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.result() is None:
                break
            handle(task.result())
        for task in pending:
            task.cancel()


async def replaced_before_the_test(ws, ticker, handle):
    recv = asyncio.create_task(ws.receive())
    while True:
        done, _ = await asyncio.wait({recv, ticker}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            msg = recv.result()
            recv = asyncio.create_task(ws.receive())
            if msg.data is None:
                break
            handle(msg)


async def taken_out_of_the_set(tasks, handle):
    while tasks:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            tasks.remove(task)
            line = task.result()
            if not line:
                break
            handle(line)


def unregistered(sel, handle):
    while True:
        for key, _ in sel.select():
            data = key.fileobj.recv(1024)
            if not data:
                sel.unregister(key.fileobj)
                key.fileobj.close()
                break
            handle(data)


def dropped_from_the_list(socks, handle):
    while True:
        ready, _, _ = select.select(socks, [], [])
        for sock in ready:
            data = sock.recv(1024)
            if not data:
                socks.remove(sock)
                sock.close()
                break
            handle(data)


def dropped_by_a_method(self):
    while True:
        ready, _, _ = select.select(self.socks, [], [], 1)
        for sock in ready:
            data = sock.recv(1024)
            if not data:
                self.drop(sock)
                break
            self.feed(sock, data)


def closed_by_a_function(sel, close_connection, handle):
    while True:
        for key, _ in sel.select(timeout=1):
            data = key.fileobj.recv(4096)
            if not data:
                close_connection(key)
                break
            handle(data)


def generator_of_batches(sock):
    while True:
        batch = []
        for _ in range(10):
            data = sock.recv(10)
            if not data:
                break
            batch.append(data)
        yield batch


async def async_generator(reader):
    while True:
        while True:
            line = await reader.readline()
            if not line:
                break
            yield line
        yield None


def queue_batches_by_timeout(q, store):
    while True:
        batch = []
        for _ in range(100):
            try:
                item = q.get(timeout=0.2)
            except queue.Empty:
                break
            batch.append(item)
        store(batch)


def polls_a_consumer(consumer, store):
    while True:
        batch = []
        for _ in range(100):
            msg = consumer.poll(0.1)
            if msg is None:
                break
            batch.append(msg)
        store(batch)


def none_divides_batches(q, store):
    while True:
        batch = []
        while True:
            item = q.get()
            if item is None:
                break
            batch.append(item)
        store(batch)


async def sentinel_divides_rounds(queue, finish_round):
    while True:
        points = 0
        while True:
            event = await queue.get()
            if event is END_OF_ROUND:
                break
            points += event.points
        finish_round(points)


def no_message_now(pubsub, handle):
    while True:
        while True:
            message = pubsub.get_message()
            if message is None:
                break
            handle(message)
        time.sleep(0.01)


def drain(sock, handle, wait):
    sock.setblocking(False)
    while True:
        while True:
            try:
                data = sock.recv(4096)
            except BlockingIOError:
                break
            handle(data)
        wait(sock)


def serial_port(port, handle):
    while True:
        packet = b""
        while True:
            data = port.read(64)
            if not data:
                break
            packet += data
        if packet:
            handle(packet)


def grows(path, handle):
    with open(path) as file:
        while True:
            while True:
                line = file.readline()
                if not line:
                    break
                handle(line)
            time.sleep(1)


def grows_with_inotify(path, notifier, handle):
    file = open(path)
    while True:
        while True:
            line = file.readline()
            if not line:
                break
            handle(line)
        notifier.read()


def rewound(file, handle):
    while True:
        file.seek(0)
        while True:
            block = file.read(4096)
            if not block:
                break
            handle(block)


def stop_cleared(self):
    while True:
        self.abort.clear()
        self.start.wait()
        for step in self.steps:
            if self.abort.is_set():
                break
            step()


def stop_of_one_job(self):
    while True:
        job = self.jobs.get()
        for step in job:
            if self.abort_event.is_set():
                break
            step()


def flag_reset(self):
    while True:
        self.cancelled = False
        for step in self.steps:
            if self.cancelled:
                break
            step()


async def per_connection(server, stop):
    while True:
        client = await server.next_client()
        async for msg in client:
            if msg.type == WSMsgType.CLOSED:
                break


def files(paths, handle):
    while True:
        for path in paths:
            with open(path) as file:
                while True:
                    line = file.readline()
                    if not line:
                        break
                    handle(line)
        time.sleep(60)


def udp_until_empty(sock, handle):
    while True:
        while True:
            data, addr = sock.recvfrom(65536)
            if not data:
                break
            handle(data, addr)


async def from_a_pool(pool, handle):
    while True:
        conn = await pool.acquire()
        while True:
            row = await conn.fetchrow()
            if row is None:
                break
            handle(row)
        await pool.release(conn)


def result_sets(cursor, handle):
    while True:
        while True:
            row = cursor.fetchone()
            if row is None:
                break
            handle(row)
        if not cursor.nextset():
            break


def accumulates_from_a_fifo(path, handle):
    while True:
        with open(path, "rb") as fifo:
            while True:
                data = fifo.read(4096)
                if not data:
                    break
                handle(data)


async def next_file(uploads, store):
    while True:
        upload = await uploads.get()
        while True:
            chunk = await upload.read(65536)
            if not chunk:
                break
            store(chunk)


async def multipart(reader, store):
    while True:
        part = await reader.next()
        if part is None:
            break
        while True:
            chunk = await part.read_chunk()
            if not chunk:
                break
            store(chunk)


def archive(tar, store):
    while True:
        member = tar.next()
        if member is None:
            break
        source = tar.extractfile(member)
        while True:
            block = source.read(4096)
            if not block:
                break
            store(block)
