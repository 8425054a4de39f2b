"""Single keys from a terminal, which is given back as it was."""

import os
import select
import sys
import termios
import time
from types import TracebackType
from typing import Self

_ESCAPE = "\x1b"


class Keys:
    """Reads keys from standard input as they are pressed; none where it is no terminal.

    Ctrl-C goes on interrupting; Ctrl-Z, which would leave the shell with half a screen, does nothing.
    """

    def __init__(self) -> None:
        self._descriptor = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._before: list[object] = []

    def __enter__(self) -> Self:
        """Take the terminal out of its line mode."""
        if self._descriptor is not None:
            self._before = termios.tcgetattr(self._descriptor)
            changed = termios.tcgetattr(self._descriptor)
            changed[3] &= ~(termios.ICANON | termios.ECHO)
            changed[6] = [*changed[6]]
            changed[6][termios.VSUSP] = b"\0"
            changed[6][termios.VMIN], changed[6][termios.VTIME] = b"\1", b"\0"
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, changed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give it back."""
        if self._descriptor is not None:
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._before)  # type: ignore[arg-type] # as it was read

    def read(self, seconds: float) -> str:
        """Wait for keys so long at the most, and give them; those that send a sequence (arrows) are left out."""
        if self._descriptor is None:
            time.sleep(seconds)
            return ""
        if not select.select([self._descriptor], [], [], seconds)[0]:
            return ""
        text = os.read(self._descriptor, 64).decode(errors="ignore")
        if not text:  # the terminal is gone
            self._descriptor = None
        return "" if text.startswith(_ESCAPE) else text
