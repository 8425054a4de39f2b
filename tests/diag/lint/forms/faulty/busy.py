"""Loops that ask and give way, and never wait."""


async def until_set(event):
    while not event.is_set():
        await asyncio.sleep(0)  # fault


async def until_done(task, log):
    log.info("waiting")
    while not task.done():
        await asyncio.sleep(0.0)  # fault
    return task.result()


class Reader:
    async def until_there(self):
        while self.queue.empty():
            await anyio.sleep(delay=0)  # fault
            continue

    async def until_open(self):
        while self.state != "open" and not self._closed:
            await trio.lowlevel.checkpoint()  # fault

    def in_a_thread(self):
        while len(self.results) < self.expected:
            time.sleep(0)  # fault

    def in_a_greenlet(self):
        import gevent

        while not self.ready:
            gevent.sleep()  # fault
