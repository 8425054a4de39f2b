"""Probes a service twenty times a second with a connection each."""

import asyncio

import lifetime

FIXED = lifetime.begin()
probes = []


async def service(reader, writer):
    await reader.read()
    writer.close()


async def probe(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"ping")
    await writer.drain()
    if FIXED:
        writer.close()
        await writer.wait_closed()
    else:
        probes.append(writer)


async def main():
    server = await asyncio.start_server(service, "127.0.0.1", 0)
    lifetime.ready()
    for _ in range(900):
        await probe(server.sockets[0].getsockname()[1])
        await asyncio.sleep(0.05)
    await asyncio.sleep(3600)


asyncio.run(main())
