"""Builds an index in a coroutine, and lets others run after each document."""

import asyncio
import collections

import lifetime

lifetime.begin()
DOCUMENTS = ["the quick brown fox number %d jumps over %d dogs" % (n, n % 7) for n in range(500)]


async def index(documents):
    words = collections.defaultdict(set)
    for number, document in enumerate(documents):
        for word in document.split():
            words[word].add(number)
        await asyncio.sleep(0)
    return words


async def answer():
    while True:
        await asyncio.sleep(0.05)


async def main():
    answering = asyncio.ensure_future(answer())
    lifetime.ready()
    while not answering.done():
        await index(DOCUMENTS)


asyncio.run(main())
