"""Holds a lease until the coordinator says that the work is done."""

import lifetime
import trio

FIXED = lifetime.begin()


class Coordinator:
    def __init__(self):
        self.finished = False
        self.finish = trio.Event()

    async def coordinate(self):
        await trio.sleep(3600)
        self.finished = True
        self.finish.set()


async def hold_lease(coordinator):
    if FIXED:
        await coordinator.finish.wait()
    while not coordinator.finished:
        await trio.sleep(0)


async def main():
    coordinator = Coordinator()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(coordinator.coordinate)
        nursery.start_soon(hold_lease, coordinator)
        lifetime.ready()


trio.run(main)
