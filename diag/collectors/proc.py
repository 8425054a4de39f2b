"""The files of /proc, and what their fields mean (man 5 proc)."""

import os
from typing import NamedTuple


class Stat(NamedTuple):
    """The fields of /proc/PID/stat that are used."""

    state: str
    parent: int
    user_ticks: int
    """User CPU of all threads, ended ones included, in clock ticks."""
    system_ticks: int
    threads: int
    start_ticks: int
    """Start of the process in clock ticks since boot; with the pid it names the process."""
    rss_pages: int

    @property
    def ended(self) -> bool:
        """Whether only the entry is left, for the parent to collect."""
        return self.state in "ZX"


class Proc:
    """Reads below a root directory, which is /proc or a hand-made copy.

    Every method raises OSError where the process has gone or may not be looked at.
    """

    def __init__(self, root: str = "/proc") -> None:
        self.root = root
        self._counted = root == "/proc"

    def path(self, pid: int, name: str = "") -> str:
        """Give the path of a process's file."""
        return f"{self.root}/{pid}/{name}"

    def read(self, pid: int, name: str) -> bytes:
        """Read a process's file as a whole."""
        descriptor = os.open(f"{self.root}/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            content = b""
            # A read gives some whole lines, at most a page of them, so only an empty one is the end.
            while chunk := os.read(descriptor, 65536):
                content += chunk
        finally:
            os.close(descriptor)
        return content

    def numbers(self, pid: int, name: str) -> list[int]:
        """List a process's directory whose entries are numbers: `task`, `fd`."""
        return [int(entry) for entry in os.listdir(f"{self.root}/{pid}/{name}")]  # noqa: PTH208 - cheaper

    def descriptors(self, pid: int) -> int:
        """Count a process's open descriptors."""
        path = f"{self.root}/{pid}/fd"
        # Since Linux 6.2 the directory's size is their number; before, and in a copy, it says nothing.
        size = os.stat(path).st_size if self._counted else 0  # noqa: PTH116 - cheaper
        return size or len(os.listdir(path))  # noqa: PTH208 - cheaper

    def link(self, pid: int, name: str) -> str:
        """Read a process's symbolic link: `exe`, `root`, `ns/net`, `fd/3`."""
        return os.readlink(f"{self.root}/{pid}/{name}")  # noqa: PTH115 - many a reading; pathlib is dearer

    def stat(self, pid: int) -> Stat:
        """Read /proc/PID/stat."""
        # The command's name, in parentheses, may hold anything, parentheses and blanks included.
        fields = self.read(pid, "stat").rpartition(b")")[2].split()
        return Stat(
            state=fields[0].decode(),
            parent=int(fields[1]),
            user_ticks=int(fields[11]),
            system_ticks=int(fields[12]),
            threads=int(fields[17]),
            start_ticks=int(fields[19]),
            rss_pages=int(fields[21]),
        )

    def schedstat(self, pid: int, thread: int) -> tuple[int, int, int]:
        """Read a thread's time on a core and its wait for one, in nanoseconds, and how often it got one."""
        running, waiting, slices = self.read(pid, f"task/{thread}/schedstat").split()
        return int(running), int(waiting), int(slices)

    def switches(self, pid: int, thread: int) -> tuple[int, int]:
        """Read a thread's voluntary and involuntary context switches."""
        _, _, tail = self.read(pid, f"task/{thread}/status").rpartition(b"\nvoluntary_ctxt_switches:")
        fields = tail.split()
        return int(fields[0]), int(fields[2])

    def children(self, pid: int, threads: list[int]) -> list[int]:
        """List the processes that a process's threads started; see `parents` where the kernel keeps no list."""
        found: list[int] = []
        for thread in threads:
            found += map(int, self.read(pid, f"task/{thread}/children").split())
        return found

    def parents(self) -> dict[int, int]:
        """Give the parent of every process."""
        found = {}
        for entry in os.listdir(self.root):  # noqa: PTH208 - cheaper
            if entry.isdigit():
                try:
                    found[int(entry)] = self.stat(int(entry)).parent
                except OSError:
                    continue
        return found
