"""A decorator that tries again, around a request to a service that is gone."""

import asyncio
import functools
import socket

import lifetime

FIXED = lifetime.begin()


def retried(*errors):
    def decorate(function):
        @functools.wraps(function)
        async def attempt(*arguments):
            while True:
                try:
                    return await function(*arguments)
                except errors:
                    if FIXED:
                        await asyncio.sleep(1)

        return attempt

    return decorate


@retried(OSError, EOFError)
async def balance(port, account):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(account)
    return await reader.readline()


async def main():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    lifetime.ready()
    await balance(port, b"4711\n")


asyncio.run(main())
