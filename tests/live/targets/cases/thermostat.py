"""Reads a slow sensor inside an event loop that also answers requests."""

import asyncio
import time

import lifetime

FIXED = lifetime.begin()
readings = []


def measure():
    time.sleep(1.2)  # as long as the converter takes
    return 21.5


async def control():
    while True:
        if FIXED:
            readings.append(await asyncio.to_thread(measure))
        else:
            readings.append(measure())
        await asyncio.sleep(0.05)


async def answer():
    while True:
        await asyncio.sleep(0.02)


async def main():
    lifetime.ready()
    await asyncio.gather(control(), answer())


asyncio.run(main())
