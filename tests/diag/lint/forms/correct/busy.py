"""Loops that wait, work, count or end by themselves, with a pause of zero or without."""


async def sleeps(event):
    while not event.is_set():
        await asyncio.sleep(0.05)


async def a_few_turns(turns):
    while turns := turns - 1:
        await asyncio.sleep(0)


async def takes_out(queue):
    while queue.pop_ready():
        await asyncio.sleep(0)


async def until_a_time(deadline, ready):
    while not ready.is_set() and time.monotonic() < deadline:
        await asyncio.sleep(0)


async def works(items):
    while items:
        items.pop().run()
        await asyncio.sleep(0)


async def waits_in_the_test(event):
    while not await event.wait_for(1):
        await asyncio.sleep(0)


async def given_length(event, delay):
    while not event.is_set():
        await asyncio.sleep(delay)


async def for_ever():
    while True:
        await asyncio.sleep(0)


async def steps(machine):
    while not machine.step():
        await asyncio.sleep(0)


async def ends_itself(loop):
    while loop.running:
        await asyncio.sleep(0)
        loop.tick()


def forever_sleeps(self):
    while self.alive:
        time.sleep(60)


async def once(event):
    if not event.is_set():
        await asyncio.sleep(0)
