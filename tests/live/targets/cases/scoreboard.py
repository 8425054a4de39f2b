"""A scoreboard that takes results from a feed; the feed closes after fifty of them."""

import asyncio

import lifetime

FIXED = lifetime.begin()
scores = {}


async def feed(reader, writer):
    for number in range(50):
        writer.write(b"TEAM%d 1\n" % number)
        await writer.drain()
    writer.close()


async def keep_score(port):
    reader, _ = await asyncio.open_connection("127.0.0.1", port)
    alarm = asyncio.ensure_future(asyncio.sleep(3600))
    line_task = asyncio.ensure_future(reader.readline())
    while True:
        done, _ = await asyncio.wait({line_task, alarm}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task is alarm:
                return
            line = task.result()
            if not line:
                if FIXED:
                    return
                break
            team, score = line.split()
            scores[team] = float(score)
        line_task = asyncio.ensure_future(reader.readline())


async def main():
    server = await asyncio.start_server(feed, "127.0.0.1", 0)
    lifetime.ready()
    await keep_score(server.sockets[0].getsockname()[1])
    await asyncio.sleep(3600)


asyncio.run(main())
