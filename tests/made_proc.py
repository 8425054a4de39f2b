"""A hand-made /proc, written below a temporary directory."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

Thread = tuple[int, int, int, int, int]
"""Nanoseconds on a core, nanoseconds of waiting, slices, voluntary and involuntary switches."""


class MadeProc:
    """Writes the files of processes as the kernel lays them out."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def process(  # noqa: PLR0913 - all of it is said by name
        self,
        pid: int,
        *,
        threads: Mapping[int, Thread] | None = None,
        parent: int = 1,
        state: str = "S",
        user: float = 0.0,
        system: float = 0.0,
        start: int = 500,
        rss: int = 3,
        children: Sequence[int] = (),
        descriptors: Sequence[str] = (),
        name: str = "python3",
    ) -> None:
        """Write a process anew, whatever was there before."""
        self.gone(pid)
        place = self.root / str(pid)
        (place / "fd").mkdir(parents=True)
        (place / "ns").mkdir()
        (place / "ns" / "net").symlink_to("net:[1]")
        threads = {pid: (0, 0, 0, 0, 0)} if threads is None else threads
        ticks = f"{round(user * TICK)} {round(system * TICK)}"
        (place / "stat").write_text(
            f"{pid} ({name}) {state} {parent} 1 1 0 -1 4194560 1 0 0 0 {ticks} 0 0 20 0 {len(threads)} 0 {start} "
            f"99999 {rss} 18446744073709551615 1 1 0\n"
        )
        for number, descriptor in enumerate(descriptors):
            (place / "fd" / str(number)).symlink_to(descriptor)
        for thread, counters in threads.items():
            self._thread(place / "task" / str(thread), thread == pid, children, counters)

    def _thread(self, place: Path, main: bool, children: Sequence[int], counters: Thread) -> None:  # noqa: FBT001
        running, waiting, slices, voluntary, involuntary = counters
        place.mkdir(parents=True)
        (place / "schedstat").write_text(f"{running} {waiting} {slices}\n")
        (place / "status").write_text(
            f"Name:\tpython3\nThreads:\t1\nvoluntary_ctxt_switches:\t{voluntary}\n"
            f"nonvoluntary_ctxt_switches:\t{involuntary}\n"
        )
        (place / "children").write_text("".join(f"{child} " for child in children) if main else "")

    def gone(self, pid: int) -> None:
        """Remove a process."""
        shutil.rmtree(self.root / str(pid), ignore_errors=True)

    def connections(self, pid: int, *rows: tuple[int, str], table: str = "tcp") -> None:
        """Write a process's table of sockets: a row an inode and a state."""
        (self.root / str(pid) / "net").mkdir(exist_ok=True)
        header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        lines = [
            f"   0: 0100007F:1F90 0100007F:D431 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode}"
            " 1 0000000000000000 20 4 30 10 -1\n"
            for inode, state in rows
        ]
        (self.root / str(pid) / "net" / table).write_text(header + "".join(lines))
