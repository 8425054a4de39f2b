"""A terminal for tests: a command runs in it, keys are pressed, and what it draws is kept."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence

ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
_STYLES = re.compile(r"\x1b\[[0-9;]*m")
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int, slave: int) -> None:
        self.process = process
        self._master = master
        self._slave = slave
        self._before = termios.tcgetattr(slave)
        self.drawn = ""

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Change the size."""
        _resize(self._slave, columns, lines)

    def wait_for(self, text: str, seconds: float = 20.0) -> str:
        """Wait until a text is drawn that was not there before; gives all that was drawn meanwhile, without colours."""
        begin, deadline = len(self.drawn), time.monotonic() + seconds
        while text not in _STYLES.sub("", self.drawn[begin:]):
            assert time.monotonic() < deadline, f"no {text!r} in {self.drawn[-3000:]!r}"
            self._read(0.2)
        return _STYLES.sub("", self.drawn[begin:])

    def end(self, seconds: float = 15.0) -> int:
        """Wait for the end of the command; gives its exit code."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it goes on"
            self._read(0.2)
        while self._read(0.1):
            pass
        return self.process.returncode

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as it was, and shows what it showed before."""
        left = self.drawn.rfind(LEAVE_SCREEN) > self.drawn.rfind(ENTER_SCREEN)
        shown = self.drawn.rfind(SHOW_CURSOR) >= self.drawn.rfind(HIDE_CURSOR)
        return left and shown and termios.tcgetattr(self._slave) == self._before

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self.drawn += os.read(self._master, 1 << 16).decode(errors="replace")
        return True


def _resize(descriptor: int, columns: int, lines: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


@contextlib.contextmanager
def terminal(command: Sequence[str], *, columns: int = 80, lines: int = 24) -> Iterator[Terminal]:
    """Run a command in a terminal until the block ends."""
    master, slave = pty.openpty()
    _resize(slave, columns, lines)
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**environment, "TERM": "xterm-256color"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - for Ctrl-C; no threads yet
    )
    try:
        yield Terminal(process, master, slave)
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
