"""Waits for the approval of each order; nobody approves."""

import asyncio

import lifetime

FIXED = lifetime.begin()
shipped = []


class Order:
    def __init__(self, number):
        self.number = number
        self.approved = asyncio.Event()

    async def ship(self):
        await self.approved.wait()
        shipped.append(self.number)


async def take_orders():
    tasks = []
    for number in range(100_000):
        order = Order(number)
        tasks.append(asyncio.ensure_future(order.ship()))
        if FIXED:
            order.approved.set()
            await asyncio.wait(tasks)
            tasks.clear()
        await asyncio.sleep(0.01)


async def main():
    lifetime.ready()
    await take_orders()


asyncio.run(main())
