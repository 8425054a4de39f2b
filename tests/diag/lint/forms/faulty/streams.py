"""Streams of asyncio that end, read in an inner loop."""


async def nested_reads(reader, writer):
    while True:
        while True:
            data = await reader.read(1024)
            if not data:
                break  # fault
            writer.write(data)


async def parts_of_a_chunk(reader, out):
    while True:
        chunk = await reader.read(4096)
        for line in chunk.split(b"\n"):
            if not line:
                break  # fault
            out.append(line)


async def until_a_full_header(reader):
    buffer = b""
    while True:
        while len(buffer) < 4:
            more = await reader.read(4 - len(buffer))
            if not more:
                break  # fault
            buffer += more
        frames.append(buffer)
        buffer = b""


class Connection:
    async def loop(self):
        while True:
            while self._want > len(self._buf):
                data = await self.reader.read(self._want)
                if data == b"":
                    self.log.info("EOF from %s", self.peer)
                    break  # fault
                self._buf += data
            self._count += 1

    async def batches(self):
        while True:
            lines = []
            for _ in range(500):
                line = await self._stream.readline()
                if not line:
                    break  # fault
                lines.append(line.decode())
            self._lines.extend(lines)

    async def in_try(self):
        while True:
            try:
                while True:
                    raw = await self.reader.readline()
                    if not raw:
                        break  # fault
                    self.handle(raw)
            except ValueError:
                self.log.exception("bad line")

    async def inverted(self):
        while True:
            while True:
                piece = await self.reader.read(512)
                if piece:
                    self.parser.feed(piece)
                else:
                    break  # fault


async def walrus_in_condition(reader, sink):
    while 1:
        for _ in range(10):
            if not (row := await reader.readline()):
                break  # fault
            sink(row)


async def within_a_with(reader, lock, store):
    while True:
        for _ in range(16):
            data = await reader.read(64)
            with lock:
                if not data:
                    break  # fault
                store.append(data)


async def exactly(reader, handler):
    while True:
        while True:
            try:
                head = await reader.readexactly(4)
            except asyncio.IncompleteReadError:
                break  # fault
            size = int.from_bytes(head, "big")
            handler(await reader.readexactly(size))


async def several_kinds(reader, handler):
    while True:
        for _ in range(1000):
            try:
                line = await reader.readuntil(b"\r\n")
            except (asyncio.IncompleteReadError, EOFError):
                break  # fault
            handler(line)


async def three_deep(reader, tables):
    while True:
        for table in tables:
            for column in table:
                cell = await reader.readline()
                if not cell:
                    break
                column.append(cell)
            if not cell:
                break  # fault


async def child_output(cmd):
    proc = await asyncio.create_subprocess_exec(*cmd, stdout=asyncio.subprocess.PIPE)
    while True:
        while True:
            line = await proc.stdout.readline()
            if line == b"":
                break  # fault
            print(line.decode(), end="")


async def at_end(reader, parse):
    while True:
        for _ in range(64):
            byte = await reader.read(1)
            if byte == b"" or byte is None:
                break  # fault
            parse(byte)


async def response_body(resp, out):
    while True:
        while True:
            chunk = await resp.content.read(8192)
            if not chunk:
                break  # fault
            out.write(chunk)


async def readany(response, digest):
    while True:
        for _ in range(4):
            data = await response.content.readany()
            if not data:
                break  # fault
            digest.update(data)
        progress.append(digest.hexdigest())


async def with_timeout(reader, sink):
    while True:
        while True:
            data = await asyncio.wait_for(reader.read(100), 5)
            if not data:
                break  # fault
            sink.append(data)


async def copy_size(reader, sink):
    total = 0
    while True:
        while True:
            block = await reader.read(2**16)
            n = len(block)
            if n == 0:
                break  # fault
            total += n
            sink.append(block)


async def stripped(reader, sink):
    while True:
        data = await reader.readline()
        for field in data.decode().strip().split(","):
            if field == "":
                break  # fault
            sink.append(field)


async def async_for_lines(reader, sink):
    while True:
        async for line in reader:
            if not line:
                break  # fault
            sink.append(line)


async def last_statement_of_else(reader, ok):
    while True:
        while True:
            data = await reader.read(10)
            if len(data) > 0:
                ok(data)
            elif not data:
                break  # fault


async def cancelled_elsewhere(reader, handle):
    try:
        while True:
            while True:
                try:
                    data = await reader.read(1024)
                except asyncio.CancelledError:
                    raise
                if not data:
                    break  # fault
                handle(data)
    finally:
        await cleanup()
