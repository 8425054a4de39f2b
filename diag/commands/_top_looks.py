"""The looks of `diag top`: how many, and taken apart from the screen."""

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diag.commands._top_state import Choice
    from diag.watching import Look, Watcher

_TICK = 0.1
"""Seconds after which it is noticed that a pause is over."""

_PATIENCE = 5.0
"""Seconds that the end of a look is waited for."""


class Limits:
    """How long to watch."""

    def __init__(self, watcher: "Watcher", seconds: float | None, count: int | None) -> None:
        self.watcher = watcher
        self._seconds = seconds
        self._count = count
        self._looks = 0

    def counted(self) -> bool:
        """Count a look; tells whether there is another."""
        self._looks += 1
        return not self.over and self._looks != self._count

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self._seconds is not None and self.watcher.elapsed >= self._seconds


class Measuring(threading.Thread):
    """Takes looks all the time, apart from the screen, unless it is paused."""

    def __init__(self, watcher: "Watcher", choice: "Choice") -> None:
        super().__init__(name="hotloop-watch", daemon=True)
        self._watcher = watcher
        self._choice = choice
        self._ending = threading.Event()
        self.found: queue.SimpleQueue[Look | Exception] = queue.SimpleQueue()

    def run(self) -> None:
        """Look; an error is the last that is found."""
        try:
            while not self._ending.is_set():
                if self._choice.paused:
                    self._ending.wait(_TICK)
                elif look := self._watcher.look(types=self._choice.listing == "types"):
                    self.found.put(look)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that owns the screen
            self.found.put(error)

    def end(self) -> None:
        """Leave off looking."""
        self._ending.set()
        self._watcher.stop()
        self.join(_PATIENCE)
