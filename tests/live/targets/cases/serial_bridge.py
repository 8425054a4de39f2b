"""Forwards what arrives on a line into a list, with a reader callback on the event loop."""

import asyncio
import socket

import lifetime

FIXED = lifetime.begin()
received = []


class Bridge:
    def __init__(self, loop, line):
        self.loop, self.line = loop, line
        loop.add_reader(line, self.on_readable)

    def on_readable(self):
        data = self.line.recv(512)
        if data:
            received.append(data)
        elif FIXED:
            self.loop.remove_reader(self.line)


async def main():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    bridge = Bridge(asyncio.get_running_loop(), ours)
    theirs.send(b"AT+OK")
    await asyncio.sleep(0.1)
    theirs.close()
    lifetime.ready()
    await asyncio.sleep(3600)
    return bridge


asyncio.run(main())
