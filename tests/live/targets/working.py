"""A process that works in ways that a recording must tell apart: `working.py WAY SECONDS`. Python 3.8 and later."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def spin(seconds: float) -> None:
    """Turn without pause, as an event loop does that makes no progress."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0)


async def pulse(seconds: float) -> None:
    """Work for 0.3 s and sleep for 0.3 s in turn."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await spin(0.3)
        await asyncio.sleep(0.3)


def burn(seconds: float) -> None:
    """Keep a thread at work."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(100))


def with_threads(seconds: float) -> None:
    """Burn in one thread and sleep in another, for the main thread to wait."""
    threads = [
        threading.Thread(target=burn, args=(seconds,), name="burner", daemon=True),
        threading.Thread(target=time.sleep, args=(seconds,), name="sleeper", daemon=True),
    ]
    for thread in threads:
        thread.start()
    threads[0].join()


def with_children(seconds: float) -> None:
    """Start a child that burns for half a second, again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        subprocess.run([sys.executable, __file__, "burn", "0.5"], stdout=subprocess.DEVNULL, check=True)


WAYS: "dict[str, Callable[[float], None]]" = {
    "spin": lambda seconds: asyncio.run(spin(seconds)),
    "pulse": lambda seconds: asyncio.run(pulse(seconds)),
    "burn": burn,
    "threads": with_threads,
    "children": with_children,
    "sleep": time.sleep,
}

if __name__ == "__main__":
    print(json.dumps({"pid": os.getpid()}), flush=True)  # noqa: T201 - the line that says it is ready
    WAYS[sys.argv[1]](float(sys.argv[2]))
