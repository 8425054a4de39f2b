"""Faults planted into the hardened log view, in its source, as a change that somebody makes would have them.

A planted tree is a copy of the packages in which one file differs. What runs with it on PYTHONPATH runs the fault.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
HARDENED = Path("repro/server/variants/hardened.py")
STARTING = Path("repro/server/process.py")

Edit = Callable[[str], str]
"""Makes the source of the hardened view faulty."""


def _instead(name: str) -> Edit:
    """Put another variant in its place."""
    return lambda _source: (ROOT / HARDENED).with_name(f"{name}.py").read_text(encoding="utf-8")


def _at_the_start(statements: str) -> Edit:
    """Have each view do something first."""
    place = "    limits = request.app[LIMITS]\n"

    def edit(source: str) -> str:
        assert source.count(place) == 1, "the hardened view does not begin as it did"
        lines = "".join(f"    {line}\n" for line in statements.strip().splitlines())
        return source.replace(place, place + lines)

    return edit


def _replaced(old: str, new: str) -> Edit:
    """Change a line."""

    def edit(source: str) -> str:
        assert source.count(old) == 1, f"the hardened view has not one {old!r}"
        return source.replace(old, new)

    return edit


def _all(*edits: Edit) -> Edit:
    """Make several changes."""

    def edit(source: str) -> str:
        for each in edits:
            source = each(source)
        return source

    return edit


_BURN = """
import time
end = time.thread_time() + {seconds}
while time.thread_time() < end:
    pass
"""

_SPIN_ON = """
async def spin() -> None:
    while True:
        await asyncio.sleep(0)
log.cluster.spinning = asyncio.create_task(spin())
"""

_TIMER_ON = """
loop = asyncio.get_running_loop()
def again() -> None:
    loop.call_later(0.001, again)
again()
"""

_SEND = "                await self._ws.send_bytes("
_FRAMES = "for start in range(0, len(data), FRAME):"

SLOWER = "cpu-15-ms-a-view"
"""Too little for a budget that holds on any machine: a baseline finds it."""

PLANTS: Mapping[str, Edit] = {
    "buggy": _instead("buggy"),
    "frozen": _instead("frozen"),
    "half_fixed": _instead("half_fixed"),
    "fan_out": _instead("fan_out"),
    "rewatch": _instead("rewatch"),
    "cpu-50-ms-a-view": _at_the_start(_BURN.format(seconds=0.05)),
    "200-empty-turns-a-view": _at_the_start("for _ in range(200):\n    await asyncio.sleep(0)"),
    "50-tasks-a-view": _at_the_start("for _ in range(50):\n    await asyncio.create_task(asyncio.sleep(0))"),
    "spin-of-a-second": _at_the_start(
        "end = asyncio.get_running_loop().time() + 1\n"
        "while asyncio.get_running_loop().time() < end:\n    await asyncio.sleep(0)"
    ),
    "spin-after-the-view": _at_the_start(_SPIN_ON),
    "timer-after-the-view": _at_the_start(_TIMER_ON),
    "task-left-a-view": _at_the_start(
        "ws_left = asyncio.get_running_loop().create_task(asyncio.sleep(3600))"
    ),
    "reader-left": _all(
        _replaced("asyncio.create_task(until_left(ws))", "asyncio.create_task(asyncio.sleep(3600))"),
        _replaced("            reader.cancel()\n", ""),
        _replaced("await asyncio.wait({writer, reader})", "await asyncio.wait({writer})"),
    ),
    "line-lost": _replaced(_FRAMES, f'data = data[data.find(b"\\n") + 1 :]\n        {_FRAMES}'),
    "line-repeated": _replaced(_FRAMES, f'data = data[: data.find(b"\\n") + 1] + data\n        {_FRAMES}'),
    "empty-frame": _replaced(_SEND, f'{_SEND}b"")\n{_SEND}'),
    "blocked-for-200-ms": _at_the_start("import time\ntime.sleep(0.2)"),
    "memory-kept": _at_the_start(
        "log.cluster.kept = [*getattr(log.cluster, 'kept', []), bytearray(b'x') * (5 << 20)]"
    ),
    "crash": _at_the_start("import os\nos._exit(3)"),
    SLOWER: _at_the_start(_BURN.format(seconds=0.015)),
}
"""Twenty, by name."""


def planted(name: str, folder: Path) -> Path:
    """Copy the packages into a folder with a fault in them, or with none where the name is ""; gives the folder."""
    for package in ("diag", "repro"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    # The server shows a log once before it serves: that must not be in the view that is at fault, or it never starts.
    start = folder / STARTING
    start.write_text(
        _replaced('f"/logs/hardened/', 'f"/logs/published/')(start.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    if name:
        file = folder / HARDENED
        file.write_text(PLANTS[name](file.read_text(encoding="utf-8")), encoding="utf-8")
    return folder
