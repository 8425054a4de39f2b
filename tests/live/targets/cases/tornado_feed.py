"""A tornado service that pushes a feed to a client that has gone."""

import lifetime
import tornado.gen
import tornado.ioloop

FIXED = lifetime.begin()


class Feed:
    def __init__(self):
        self.subscribers = []
        self.closed = False

    async def publish(self):
        while not self.closed:
            for subscriber in list(self.subscribers):
                subscriber("tick")
            await tornado.gen.sleep(0.5 if FIXED else 0)


async def main():
    lifetime.ready()
    await Feed().publish()


tornado.ioloop.IOLoop.current().run_sync(main)
