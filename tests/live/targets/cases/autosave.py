"""Saves a document in the background whenever it may have changed."""

import asyncio

import lifetime

FIXED = lifetime.begin()


class Document:
    def __init__(self):
        self.text = "draft"
        self.saved = ""
        self.open = True

    async def save(self):
        if self.text != self.saved:
            self.saved = self.text

    async def autosave(self):
        while self.open:
            asyncio.ensure_future(self.save())
            await asyncio.sleep(0.2 if FIXED else 0)


async def main():
    lifetime.ready()
    await Document().autosave()


asyncio.run(main())
