"""Books entries under a lock that a nightly thread holds for long."""

import asyncio
import threading
import time

import lifetime

FIXED = lifetime.begin()
lock = threading.Lock()
entries = []


def close_the_books():
    while True:
        with lock:
            time.sleep(1.5)
        time.sleep(0.01)


def book_sync(amount):
    with lock:
        entries.append(amount)


async def book(amount):
    if FIXED:
        await asyncio.get_running_loop().run_in_executor(None, book_sync, amount)
    else:
        book_sync(amount)


async def tick():
    while True:
        await asyncio.sleep(0.05)


async def main():
    threading.Thread(target=close_the_books, daemon=True).start()
    ticking = asyncio.ensure_future(tick())
    lifetime.ready()
    while not ticking.done():
        await book(10)
        await asyncio.sleep(0.01)


asyncio.run(main())
