"""A descriptor at its end that stays registered: the loop is woken for it on each turn, and nothing comes."""

import fcntl
import select
import struct
import termios
from collections.abc import Callable
from selectors import EVENT_READ
from typing import Any

from diag.testing.counters import Counters
from diag.testing.explaining import Explanation
from diag.testing.findings import SpinSeen
from diag.testing.livespin import PATIENCE
from diag.testing.sightings import Sightings
from diag.testing.stopping import Stopped

LOOKS = 16
"""Turns in a row at which it must be at its end."""

PAUSE = 1_000
"""Turns until the next look at one that is not."""

_OVER = select.POLLHUP | select.POLLERR | select.POLLNVAL | select.POLLRDHUP


class DeadEndStudy:
    """The looks at the descriptors for which one loop turns all the time.

    Args:
        counters: of the loop.
        report: told of the spin, once.
        stop: whether a spin that does not end is stopped.
    """

    def __init__(self, counters: Counters, report: Callable[[SpinSeen], None], *, stop: bool) -> None:
        self._counters = counters
        self._report = report
        self._stop = stop
        self._ends = 0
        self._found = False
        counters.on_ready = self.alarm

    def alarm(self, key: Any, row: int) -> int:
        """Look, as the counters' `on_ready`, and say when to look again.

        Raises:
            Stopped: a known spin went on for too long.
        """
        if self._found:
            if self._stop:
                self._counters.ready_alarm = row + PATIENCE  # for what still runs while the loop is closed
                raise Stopped
            return row + PATIENCE
        self._ends = self._ends + 1 if key.events & EVENT_READ and at_end(key.fd) else 0
        if self._ends < LOOKS:
            return row + (1 if self._ends else PAUSE)
        self._found = True
        seen = Sightings()
        seen.add_callback(getattr(key.data[0], "_callback", None) if isinstance(key.data, tuple) else None)
        if (spot := seen.place()) is not None:
            what = f"{row:,} turns for a descriptor that is at its end and stays registered"
            self._report(SpinSeen(Explanation(spot, frozen=False), what))
        return row + PATIENCE


def at_end(descriptor: int) -> bool:
    """Whether nothing is to be read from a descriptor, and nothing more will come."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLRDHUP)
    flags = dict(poll.poll(0)).get(descriptor, 0)
    if not flags & _OVER:
        return False
    try:
        (unread,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))
    except OSError:
        return True
    return bool(unread == 0)
