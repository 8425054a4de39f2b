"""An echo server on uvloop under full load of constant messages."""

import asyncio
import os
import socket

import lifetime
import uvloop

lifetime.begin()


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


def ask(port):
    lifetime.child()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while True:
            connection.sendall(b"ping" * 20)
            connection.recv(80)


async def main():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    for _ in range(2):
        if os.fork() == 0:
            ask(server.sockets[0].getsockname()[1])
    lifetime.ready()
    await asyncio.sleep(3600)


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
