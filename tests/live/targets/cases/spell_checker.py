"""Suggests words inside request handlers; the distance to each known word is computed there."""

import asyncio
from concurrent.futures import ProcessPoolExecutor

import lifetime

FIXED = lifetime.begin()
WORDS = ["word%dlonger%d" % (n % 97, n) for n in range(3000)]


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def suggest(word):
    return min(WORDS, key=lambda known: distance(word, known))


async def handle(pool, word):
    if FIXED:
        return await asyncio.get_running_loop().run_in_executor(pool, suggest, word)
    return suggest(word)


async def waiter(n):
    while True:
        await asyncio.sleep(0.05)


async def main():
    pool = ProcessPoolExecutor(1) if FIXED else None
    others = [asyncio.ensure_future(waiter(n)) for n in range(10)]
    lifetime.ready()
    number = 0
    while others:
        number += 1
        await handle(pool, "wird%dlunger" % number)
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main())
