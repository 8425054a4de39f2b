"""Unpacks compressed messages in an event loop; one has something behind its end."""

import asyncio
import zlib

import lifetime

FIXED = lifetime.begin()


class Unpacker:
    def __init__(self):
        self.inflater = zlib.decompressobj()

    def feed(self, data):
        out = bytearray()
        while data:
            if not self.inflater.eof:
                out += self.inflater.decompress(data, 65536)
            data = self.inflater.unconsumed_tail or self.inflater.unused_data
            if FIXED and self.inflater.eof:
                break
        return bytes(out)


async def handle(message):
    await asyncio.sleep(0.1)
    return len(Unpacker().feed(message))


async def main():
    lifetime.ready()
    message = zlib.compress(b"measurement " * 1000)
    print(await handle(message), flush=True)
    print(await handle(message + b"\r\n"), flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
