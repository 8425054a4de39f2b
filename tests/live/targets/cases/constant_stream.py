"""Receives a stream of constant bytes at full speed from a child process."""

import asyncio
import os

import lifetime

lifetime.begin()
total = 0


async def receive(reader):
    global total
    while True:
        data = await reader.read(65536)
        if not data:
            return
        total += len(data)


def send(port):
    import socket

    lifetime.child()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while True:
            connection.sendall(b"a" * 65536)


async def main():
    server = await asyncio.start_server(lambda reader, writer: receive(reader), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if os.fork() == 0:
        send(port)
    lifetime.ready()
    await asyncio.sleep(3600)


asyncio.run(main())
