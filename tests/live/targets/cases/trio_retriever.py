"""Retrieves pages with a time limit; a failing page is tried again."""

import lifetime
import trio

FIXED = lifetime.begin()


async def page(number):
    await trio.sleep(0.2)
    return f"page {number}"


async def retrieve(number, found):
    while number not in found:
        try:
            await trio.sleep(3600)
            found[number] = await page(number)
        except BaseException if not FIXED else OSError:
            continue


async def main():
    found = {}
    lifetime.ready()
    with trio.move_on_after(0.3):
        await retrieve(1, found)
    await trio.sleep(3600)


trio.run(main)
