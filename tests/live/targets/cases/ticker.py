"""Animates a progress bar in an event loop while an upload goes on."""

import asyncio

import lifetime

FIXED = lifetime.begin()


class Bar:
    def __init__(self, loop):
        self.loop = loop
        self.position = 0

    def draw(self):
        self.position = (self.position + 1) % 80
        if FIXED:
            self.loop.call_later(0.1, self.draw)
        else:
            self.loop.call_soon(self.draw)


async def main():
    bar = Bar(asyncio.get_running_loop())
    bar.draw()
    lifetime.ready()
    await asyncio.sleep(3600)


asyncio.run(main())
