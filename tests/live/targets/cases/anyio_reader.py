"""Reads a channel until the group is stopped."""

import anyio
import lifetime

FIXED = lifetime.begin()
read = []


class Reader:
    def __init__(self, channel):
        self.channel = channel

    async def run(self):
        while True:
            try:
                read.append(await self.channel.receive())
            except anyio.get_cancelled_exc_class():
                if FIXED:
                    raise
            except anyio.EndOfStream:
                return


async def main():
    send, receive = anyio.create_memory_object_stream(10)
    lifetime.ready()
    async with anyio.create_task_group() as group:
        group.start_soon(Reader(receive).run)
        await send.send("hello")
        await anyio.sleep(0.2)
        group.cancel_scope.cancel()
    await anyio.sleep(3600)


anyio.run(main)
