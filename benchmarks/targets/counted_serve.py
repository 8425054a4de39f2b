"""`repro serve`, with an event loop that counts the tasks it creates where another process can read it.

    python benchmarks/targets/counted_serve.py KUBECONFIG COUNTER

COUNTER is a file of eight bytes, a little-endian number: it is right also when the loop is frozen.
"""

import asyncio
import mmap
import struct
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from repro.commands.serve import announce
from repro.server.run import run


def counting_loop(counter: mmap.mmap) -> type[asyncio.SelectorEventLoop]:
    """Make a class of event loops that count in `counter`."""

    class CountingLoop(asyncio.SelectorEventLoop):
        created = 0

        def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:  # type: ignore[override] # noqa: ANN401 - the base's is generic
            self.created += 1
            struct.pack_into("<Q", counter, 0, self.created)
            return super().create_task(coro, **options)

    return CountingLoop


class CountingPolicy(asyncio.DefaultEventLoopPolicy):
    """Makes counting loops, wherever one is asked for."""

    def __init__(self, counter: mmap.mmap) -> None:
        super().__init__()
        self._loop_factory = counting_loop(counter)


def main(kubeconfig: str, counter: str) -> int:
    """Serve on a free port."""
    with Path(counter).open("r+b") as file:
        asyncio.set_event_loop_policy(CountingPolicy(mmap.mmap(file.fileno(), 8)))
        return run("127.0.0.1", 0, Path(kubeconfig), 1, announce)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
