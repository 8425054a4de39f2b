"""Wakes the loop through a pipe when another thread has news, on uvloop."""

import asyncio
import os
import threading
import time

import lifetime
import uvloop

FIXED = lifetime.begin()
news = []
seen = 0


def on_wakeup(pipe):
    global seen
    if FIXED:
        os.read(pipe, 1024)
    while news:
        news.pop()
        seen += 1


def reporter(pipe):
    while True:
        news.append("headline")
        os.write(pipe, b"!")
        time.sleep(1)


async def main():
    reading, writing = os.pipe()
    asyncio.get_running_loop().add_reader(reading, on_wakeup, reading)
    threading.Thread(target=reporter, args=(writing,), daemon=True).start()
    lifetime.ready()
    await asyncio.sleep(3600)


uvloop.install()
asyncio.run(main())
