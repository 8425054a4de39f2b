"""Waits for downloads one after the other, and reports each that has ended."""

import asyncio

import lifetime

FIXED = lifetime.begin()
reported = []


async def download(name, seconds):
    await asyncio.sleep(seconds)
    return name


class Manager:
    def __init__(self, names):
        self.tasks = [asyncio.ensure_future(download(name, 0.2 + 3600 * n)) for n, name in enumerate(names)]

    async def report(self):
        while self.tasks:
            done, pending = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.result() not in reported:
                    reported.append(task.result())
            if FIXED:
                self.tasks = list(pending)


async def main():
    manager = Manager(["a.iso", "b.iso", "c.iso"])
    lifetime.ready()
    await manager.report()


asyncio.run(main())
