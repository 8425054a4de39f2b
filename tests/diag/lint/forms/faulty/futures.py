"""Dispatch over what `asyncio.wait` returned; `# fault` stands at each `break` that is meant to end all."""


async def tail(content, sink, stopping):
    read = asyncio.create_task(content.readline())
    while True:
        done, _ = await asyncio.wait({read, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            if future is stopping:
                return
            line = read.result()
            if not line:
                break  # fault
            await sink.put(line)
            read = asyncio.create_task(content.readline())


async def relay_by_direction(left, right):
    up = asyncio.ensure_future(left.read(65536))
    down = asyncio.ensure_future(right.read(65536))
    while True:
        finished, _pending = await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        for f in finished:
            data = f.result()
            if data == b"":
                logger.debug("one side is done")
                break  # fault
            if f is up:
                right.write(data)
                up = asyncio.ensure_future(left.read(65536))
            else:
                left.write(data)
                down = asyncio.ensure_future(right.read(65536))


class Bridge:
    async def run(self):
        self._incoming = asyncio.create_task(self._ws.receive())
        self._outgoing = asyncio.create_task(self._queue.get())
        while True:
            done, _ = await asyncio.wait(
                (self._incoming, self._outgoing),
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                if task is self._incoming:
                    msg = task.result()
                    if msg.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                        break  # fault
                    self._on_message(msg)
                    self._incoming = asyncio.create_task(self._ws.receive())
                elif task is self._outgoing:
                    await self._ws.send_bytes(task.result())
                    self._outgoing = asyncio.create_task(self._queue.get())


async def with_match(getter, ticker):
    while True:
        done, _ = await asyncio.wait({getter, ticker}, return_when="FIRST_COMPLETED")
        for fut in done:
            match fut.result():
                case None:
                    break  # fault
                case event:
                    publish(event)


async def stop_is_done(reader, stop):
    stopper = asyncio.create_task(stop.wait())
    pump = asyncio.create_task(reader.read(1))
    while True:
        done, _ = await asyncio.wait({stopper, pump}, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            if stopper.done():
                break  # fault
            feed(each.result())
            pump = asyncio.create_task(reader.read(1))


async def raised_in_result(ws, events):
    recv = asyncio.create_task(ws.recv())
    ev = asyncio.create_task(events.get())
    while True:
        done, _ = await asyncio.wait({recv, ev}, return_when=asyncio.FIRST_COMPLETED)
        for t in done:
            try:
                item = t.result()
            except websockets.ConnectionClosed:
                break  # fault
            dispatch(item)
            if t is recv:
                recv = asyncio.create_task(ws.recv())
            else:
                ev = asyncio.create_task(events.get())


async def kept_in_a_list(streams, out):
    tasks = [asyncio.create_task(s.readline()) for s in streams]
    while True:
        done, _ = await asyncio.wait(tasks, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not (line := task.result()):
                break  # fault
            position = tasks.index(task)
            out.write(line)
            tasks[position] = asyncio.create_task(streams[position].readline())


async def trimmed_text(proc, flush):
    reading = asyncio.create_task(proc.stdout.readline())
    flushing = asyncio.create_task(flush.wait())
    while True:
        done, _pending = await asyncio.wait({reading, flushing}, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            if one is not reading:
                continue
            raw = one.result()
            if len(raw) == 0:
                print("child has ended")
                break  # fault
            print(raw.decode().rstrip())
            reading = asyncio.create_task(proc.stdout.readline())
