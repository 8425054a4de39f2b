"""Writes an upload whenever the socket takes more."""

import asyncio
import socket

import lifetime

FIXED = lifetime.begin()


class Upload:
    def __init__(self, loop, connection, body):
        self.loop, self.connection, self.body = loop, connection, body
        loop.add_writer(connection, self.write)

    def write(self):
        if self.body:
            sent = self.connection.send(self.body[:4096])
            self.body = self.body[sent:]
        elif FIXED:
            self.loop.remove_writer(self.connection)


async def main():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    upload = Upload(asyncio.get_running_loop(), ours, b"x" * 10000)
    lifetime.ready()
    await asyncio.sleep(3600)
    return upload, theirs


asyncio.run(main())
