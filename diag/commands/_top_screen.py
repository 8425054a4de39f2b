"""The full screen of `diag top`: draws what was measured, and takes keys."""

import queue
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live

from diag.commands._top_keys import Keys
from diag.commands._top_looks import Limits, Measuring
from diag.commands._top_state import Choice, History
from diag.commands._top_view import screen

if TYPE_CHECKING:
    from collections.abc import Callable

TICK = 0.25
"""Seconds after which the screen is drawn again at the latest: for the clock, and for a new size."""


class Screen:
    """Shows a process until a key or a limit ends it; whatever happens, the terminal is given back."""

    def __init__(
        self, console: Console, limits: Limits, subject: str, *, keys: "Callable[[], Keys]" = Keys
    ) -> None:
        """Prepare.

        Args:
            console: the terminal.
            limits: how long.
            subject: the process, in words.
            keys: gives what reads keys.
        """
        self._console = console
        self._limits = limits
        self._keys = keys
        self._history = History(subject)
        self._choice = Choice()
        self._measuring = Measuring(limits.watcher, self._choice)

    def show(self) -> None:
        """Show it.

        Raises:
            HotloopError: the process cannot be observed, or has ended.
        """
        with self._keys() as keys, Live(console=self._console, screen=True, auto_refresh=False) as live:
            self._measuring.start()
            try:
                while self._go_on(keys.read(TICK)):
                    live.update(self.draw(), refresh=True)
            finally:
                self._measuring.end()

    def draw(self) -> Group:
        """Draw the screen as it is now."""
        width, height = self._console.size
        now = self._limits.watcher.elapsed
        return Group(*screen(self._history, self._choice, width, height, now))

    def _go_on(self, keys: str) -> bool:
        """Take keys and looks; tells whether to go on."""
        for key in keys:
            if key == "q" and not self._choice.help:
                return False
            self._choice.press(key)
        return self._take_looks() and not self._limits.over

    def _take_looks(self) -> bool:
        """Take what was measured meanwhile; tells whether there is to be more."""
        try:
            while True:
                found = self._measuring.found.get_nowait()
                if isinstance(found, Exception):
                    raise found
                self._history.add(found)
                if not self._limits.counted():
                    return False
        except queue.Empty:
            return True
