"""Relays a pipe into a list of messages inside an event loop, beside a heartbeat."""

import asyncio
import os

import lifetime

FIXED = lifetime.begin()
messages = []


async def relay(pipe):
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    while True:
        data = await reader.read(1024)
        if FIXED and data == b"":
            return
        for message in data.split(b";"):
            if message:
                messages.append(message.decode())


async def heartbeat():
    while True:
        await asyncio.sleep(0.5)


async def main():
    input_end, output_end = os.pipe()
    os.write(output_end, b"one;two;three")
    os.close(output_end)
    lifetime.ready()
    await asyncio.gather(relay(os.fdopen(input_end, "rb")), heartbeat())


asyncio.run(main())
