"""WebSockets and message streams that close."""


async def closed_or_error(ws, handler):
    while True:
        async for msg in ws:
            if msg.type in (WSMsgType.CLOSED, WSMsgType.ERROR):
                break  # fault
            await handler(msg)


async def matched(ws, handler):
    while True:
        async for msg in ws:
            match msg.type:
                case WSMsgType.TEXT:
                    await handler(msg.data)
                case WSMsgType.CLOSE | WSMsgType.CLOSING | WSMsgType.CLOSED:
                    break  # fault
                case _:
                    pass


async def matched_in_a_read(ws, handler):
    while True:
        for _ in range(100):
            message = await ws.receive()
            match message.type:
                case aiohttp.WSMsgType.TEXT:
                    handler(message.data)
                case aiohttp.WSMsgType.CLOSED:
                    break  # fault


async def receive_in_a_while(ws, out):
    while True:
        while not out.full():
            msg = await ws.receive()
            if msg.type == aiohttp.WSMsgType.CLOSED:
                break  # fault
            out.put_nowait(msg.data)


async def connection_closed(websocket, consumer):
    while True:
        while True:
            try:
                message = await websocket.recv()
            except websockets.exceptions.ConnectionClosed:
                break  # fault
            consumer(message)


async def closed_ok(websocket, consumer):
    while True:
        for _ in range(50):
            try:
                message = await websocket.recv()
                consumer(message)
            except (ConnectionClosedOK, ConnectionClosedError):
                log.info("gone")
                break  # fault


class Session:
    async def serve(self):
        while True:
            async for frame in self.ws:
                if frame.type is WSMsgType.CLOSING:
                    break  # fault
                self.inbox.append(frame)

    async def starlette(self, websocket):
        while True:
            while True:
                try:
                    text = await websocket.receive_text()
                except WebSocketDisconnect:
                    self.gone = True
                    break  # fault
                self.hear(text)

    async def by_opcode(self, conn):
        while True:
            async for frame in conn:
                if frame.opcode == OpCode.CLOSE:
                    break  # fault
                elif frame.opcode == OpCode.TEXT:
                    self.hear(frame.payload)

    async def asgi(self, receive):
        while True:
            for _ in range(10):
                event = await receive()
                if event["type"] == "websocket.disconnect":
                    break  # fault
                self.hear(event["text"])


async def sentinel_of_a_feed(feed, handle):
    while True:
        async for item in feed:
            if item is None:
                break  # fault
            handle(item)


async def named_sentinel(channel, handle):
    while True:
        async for item in channel:
            if item is END_OF_STREAM:
                break  # fault
            handle(item)


async def end_of_trio_channel(receive_channel, handle):
    while True:
        while True:
            try:
                value = await receive_channel.receive()
            except trio.EndOfChannel:
                break  # fault
            handle(value)


async def end_of_anyio_stream(stream, handle):
    while True:
        for _ in range(8):
            try:
                data = await stream.receive()
            except anyio.EndOfStream:
                break  # fault
            handle(data)


async def closed_resource(stream, handle):
    while True:
        while True:
            try:
                handle(await stream.receive(4096))
            except (anyio.EndOfStream, anyio.ClosedResourceError):
                break  # fault


async def trio_bytes(stream, handle):
    while True:
        while True:
            data = await stream.receive_some(4096)
            if not data:
                break  # fault
            handle(data)


async def with_a_send(ws, outbox):
    while True:
        async for msg in ws:
            if msg.type == WSMsgType.CLOSE:
                await ws.close()
                break  # fault
            outbox.append(msg)
