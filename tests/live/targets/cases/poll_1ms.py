"""Polls a queue every millisecond from a thread, and another in an event loop."""

import asyncio
import queue
import threading
import time

import lifetime

lifetime.begin()
jobs = queue.Queue()


def poll():
    while True:
        try:
            jobs.get_nowait()
        except queue.Empty:
            time.sleep(0.001)


async def main():
    flag = False
    lifetime.ready()
    while not flag:
        await asyncio.sleep(0.001)


threading.Thread(target=poll, daemon=True).start()
asyncio.run(main())
