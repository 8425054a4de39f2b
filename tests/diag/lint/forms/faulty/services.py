"""Services as they are written, written before the rule was tried on them."""


class LogStreamer:
    async def stream_logs(self, websocket, pod):
        resp = await self.api.read_namespaced_pod_log(pod, follow=True, _preload_content=False)
        while True:
            async for chunk in resp.content:
                if not chunk:
                    logger.info("log of %s ended", pod)
                    break  # fault
                await websocket.send_text(chunk.decode())

    async def pump(self, ws, queue):
        recv_task = asyncio.create_task(ws.receive_text())
        queue_task = asyncio.create_task(queue.get())
        try:
            while True:
                done, pending = await asyncio.wait(
                    [recv_task, queue_task], return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    if task == queue_task:
                        item = task.result()
                        if item is None:
                            self.logger.debug("producer is done")
                            break  # fault
                        await ws.send_json(item)
                        queue_task = asyncio.create_task(queue.get())
                    elif task == recv_task:
                        await self.on_client(task.result())
                        recv_task = asyncio.create_task(ws.receive_text())
        finally:
            for t in (recv_task, queue_task):
                t.cancel()

    async def follow(self, proc):
        lineno = 0
        while True:
            while True:
                line = await proc.stdout.readline()
                if not line:
                    break  # fault
                lineno += 1
                self.emit(lineno, line.decode(errors="replace"))


async def tcp_proxy(reader, writer):
    try:
        while True:
            for _ in range(8):
                data = await reader.read(4096)
                if not data:
                    logging.debug("client closed")
                    break  # fault
                writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def framed(reader, on_frame):
    buf = bytearray()
    while True:
        while b"\n" not in buf:
            data = await reader.read(1024)
            if not data:
                break  # fault
            buf += data
        frame, _, rest = buf.partition(b"\n")
        buf = bytearray(rest)
        await on_frame(bytes(frame))


def handle_client(conn, addr):
    print(f"{addr} connected")
    while True:
        message = ""
        while not message.endswith("\n"):
            data = conn.recv(16)
            if not data:
                break  # fault
            message += data.decode()
        print(f"{addr}: {message}")


def serve_ready(sel):
    while True:
        for key, events in sel.select():
            if events & selectors.EVENT_READ:
                sock = key.fileobj
                try:
                    chunk = sock.recv(4096)
                except BlockingIOError:
                    continue
                if not chunk:
                    print("closing", key.data)
                    break  # fault
                key.data.append(chunk)


class Worker(threading.Thread):
    def run(self):
        while True:
            for _ in range(self.chunk):
                msg = self.inbox.get()
                if msg is None:
                    log.info("worker %s: poison pill", self.name)
                    break  # fault
                self.process(msg)
            self.stats.flush()

    def run_with_done(self):
        while True:
            batch = []
            while len(batch) < 10:
                item = self.q.get()
                if item is _SENTINEL:
                    break  # fault
                batch.append(item)
                self.q.task_done()
            self.sink.write_many(batch)

    def monitor(self):
        while True:
            for sensor in self.sensors:
                if self._stop_event.is_set():
                    break  # fault
                value = sensor.read()
                self.store(sensor, value)

    def monitor_positional(self):
        while True:
            for name in list(self.targets):
                if self.should_stop:
                    break  # fault
                self.check(name)


async def shutdown_aware(items, shutdown_event, work):
    while True:
        for item in items:
            if shutdown_event.is_set():
                logger.warning("shutting down")
                break  # fault
            await work(item)


async def ws_client(url):
    async with websockets.connect(url) as ws:
        while True:
            try:
                while True:
                    raw = await ws.recv()
                    data = json.loads(raw)
                    print(data)
            except websockets.ConnectionClosed:
                print("closed")
                continue


async def ws_client_breaks(url, handlers):
    async with websockets.connect(url) as ws:
        while True:
            for handler in handlers:
                try:
                    raw = await ws.recv()
                except websockets.exceptions.ConnectionClosedOK:
                    break  # fault
                handler(json.loads(raw))


async def aiohttp_server(request):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    while True:
        async for msg in ws:
            if msg.type == aiohttp.WSMsgType.TEXT:
                if msg.data == "close":
                    await ws.close()
                else:
                    await ws.send_str(msg.data + "/answer")
            elif msg.type == aiohttp.WSMsgType.CLOSE:
                break  # fault
    return ws


async def aiohttp_error(ws, q):
    while True:
        async for msg in ws:
            if msg.type == WSMsgType.ERROR:
                log.error("ws failed: %s", ws.exception())
                break  # fault
            q.put_nowait(msg.json())


async def trio_lines(stream, nursery):
    buf = b""
    while True:
        while b"\r\n" not in buf:
            chunk = await stream.receive_some()
            if chunk == b"":
                break  # fault
            buf += chunk
        nursery.start_soon(handle_line, buf)
        buf = b""


async def anyio_channel(receive, process):
    while True:
        batch = []
        for _ in range(32):
            try:
                batch.append(await receive.receive())
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                break  # fault
        await process(batch)


async def nested_if(reader, state):
    while True:
        for _ in range(4):
            packet = await reader.read(188)
            if state.active:
                if len(packet) < 1:
                    break  # fault
                state.push(packet)


async def not_not(reader, out):
    while True:
        while True:
            line = await reader.readline()
            if line != b"":
                out.append(line)
                continue
            break  # fault


async def early_continue(reader, out):
    while True:
        for _ in range(5):
            line = await reader.readline()
            if line:
                out.append(line)
                continue
            log.debug("end")
            break  # fault


def popen_reader(cmd):
    p = subprocess.Popen(cmd, stdout=subprocess.PIPE, bufsize=0)
    while True:
        while True:
            out = p.stdout.read(1)
            if out == b"":
                break  # fault
            sys.stdout.buffer.write(out)
            sys.stdout.flush()


def mp_pipe(conn):
    while True:
        for _ in range(100):
            try:
                msg = conn.recv()
            except EOFError:
                print("parent has gone")
                break  # fault
            print(msg)


async def async_with_timeout(reader, sink):
    while True:
        async with asyncio.timeout(10):
            while True:
                data = await reader.read(512)
                if not data:
                    break  # fault
                sink(data)


async def else_branch_for(reader, sink):
    while True:
        for _ in range(10):
            data = await reader.read(512)
            if data:
                sink(data)
            else:
                break  # fault


async def match_tuple(queue, out):
    while True:
        for _ in range(10):
            item = await queue.get()
            match item:
                case None:
                    break  # fault
                case {"kind": kind}:
                    out[kind] = item


async def match_dict_type(receive, out):
    while True:
        for _ in range(10):
            message = await receive()
            match message["type"]:
                case "http.request":
                    out.append(message["body"])
                case "http.disconnect":
                    break  # fault


async def starlette_ws(websocket, room):
    await websocket.accept()
    while True:
        for _ in range(room.burst):
            try:
                data = await websocket.receive_json()
            except WebSocketDisconnect:
                room.leave(websocket)
                break
            room.publish(data)


async def starlette_ws_plain(websocket, published):
    await websocket.accept()
    while True:
        for _ in range(16):
            try:
                data = await websocket.receive_json()
            except WebSocketDisconnect as error:
                logger.info("left: %s", error.code)
                break  # fault
            published.append(data)


def recv_with_len_check(sock, out):
    while True:
        need = 4
        while need:
            got = sock.recv(need)
            if len(got) == 0:
                break  # fault
            need -= len(got)
            out.append(got)


async def gather_done(done_first, streams):
    futures = {asyncio.ensure_future(s.read(100)): s for s in streams}
    while True:
        done, _ = await asyncio.wait(futures.keys(), return_when=asyncio.FIRST_COMPLETED)
        for fut in done:
            chunk = fut.result()
            if not chunk:
                break  # fault
            s = futures.pop(fut)
            s.feed(chunk)
            futures[asyncio.ensure_future(s.read(100))] = s


class Proto:
    async def _run(self):
        while not self._stopping.is_set():
            for _ in range(self.window):
                frame = await self._reader.readexactly_or_none()
                if frame is None:
                    break
                self.dispatch(frame)

    async def _run2(self):
        while True:
            async for packet in self._transport:
                if packet is None:
                    self._log.info("transport ended")
                    break  # fault
                self._inbox.put_nowait(packet)

    async def _run3(self):
        counter = 0
        while True:
            counter += 1
            self._log.debug("round %d", counter)
            async for msg in self.ws:
                if msg.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING}:
                    self._log.info("closing")
                    break  # fault
                await self._handle(msg)


class Keeps:
    """Its methods do not touch the stream."""

    async def run(self):
        while True:
            while True:
                data = await self.reader.read(1024)
                if not data:
                    break  # fault
                self.feed(data)
            self.flush()
            await self.report()

    def flush(self):
        self.sink.extend(self.buffer)
        self.buffer = []

    async def report(self):
        log.info("round %s", len(self.sink))
