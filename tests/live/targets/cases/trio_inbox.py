"""A trio program that reads mails from a mailbox connection."""

import lifetime
import trio

FIXED = lifetime.begin()
mails = []


async def inbox(stream):
    buffered = bytearray()
    while True:
        chunk = await stream.receive_some(512)
        if FIXED and not chunk:
            return
        buffered += chunk
        while (end := buffered.find(b"\n.\n")) >= 0:
            mails.append(bytes(buffered[:end]))
            del buffered[: end + 3]


async def mailbox(stream):
    await stream.send_all(b"Hello\n.\nSecond\n.\n")
    await stream.aclose()


async def main():
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(mailbox, theirs)
        lifetime.ready()
        await inbox(ours)
        await trio.sleep(3600)


import trio.testing  # noqa: E402

trio.run(main)
