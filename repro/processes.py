"""The parts of a run, each a process of its own under limits: started, heard, watched and ended."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

from diag.errors import HotloopError
from repro.bounds import bounded

WATCH_INTERVAL = 0.05
"""Seconds between two looks at the memory. The fastest leak here grows by about 0.4 GiB/s, so a limit is
overrun by some 20 MiB."""

PAGE = os.sysconf("SC_PAGE_SIZE")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What each process of a run may take."""

    memory: int
    """Bytes of resident memory."""
    deadline: float
    """Seconds until it is ended, whatever it does."""


class Part:
    """A process of the run. Its standard output is lines for us; its standard error goes to `log`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self.process = process

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], *, limits: Limits, folder: Path, nice: int = 0
    ) -> Self:
        """Start a command under limits; its standard error and its temporary files go to `folder`."""
        log = folder / f"{name}.log"
        with log.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                *bounded(command, memory=limits.memory, deadline=limits.deadline, nice=nice),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, "TMPDIR": str(folder)},  # one that is killed cannot clear up after itself
                process_group=0,  # Ctrl-C is for the runner, which ends its parts in order
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Its pid; the same before and after the limits are set, as they `exec`."""
        return self.process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.process.returncode is not None

    async def line(self, seconds: float) -> str:
        """Wait for its next line.

        Raises:
            HotloopError: it ended, or said nothing in that time.
        """
        assert self.process.stdout is not None
        try:
            said = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        except TimeoutError:
            raise HotloopError(f"the {self.name} did not answer within {seconds:.0f} s") from None
        if not said:
            await self.process.wait()
            raise HotloopError(f"the {self.name} ended too early: {self.last_words()}")
        return said.decode().rstrip("\n")

    async def tell(self, line: str) -> None:
        """Write a line to its standard input; one that has ended does not mind."""
        assert self.process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(f"{line}\n".encode())
            await self.process.stdin.drain()

    def hang_up(self) -> None:
        """End its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    async def end(self, seconds: float) -> None:
        """Wait until it has ended by itself.

        Raises:
            HotloopError: it has not, in that time.
        """
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            raise HotloopError(f"the {self.name} did not end within {seconds:.0f} s") from None

    async def stop(self, grace: float) -> None:
        """End it: first in order, then by force."""
        if not self.ended:
            self.send(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), grace)
            except TimeoutError:
                self.send(signal.SIGKILL)
        await self.process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def last_words(self) -> str:
        """Say how it ended: by which signal, or with which last line on standard error."""
        if (code := self.process.returncode) is not None and code < 0:
            return f"ended by {signal.Signals(-code).name}"
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.process.returncode}"


def resident(pid: int) -> int:
    """Resident memory of a process in bytes; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def family(pid: int) -> list[int]:
    """A process and its children, as far as they are alive."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *map(int, children)]


async def over_limit(parts: Sequence[Part], memory: int) -> tuple[Part, int]:
    """Wait until a process of a part, or a child of one, holds more than `memory` bytes; answer both."""
    while True:
        for part in parts:
            for member in family(part.pid):
                if resident(member) > memory:
                    return part, member
        await asyncio.sleep(WATCH_INTERVAL)
