"""How long to wait before asking again, and when to stop asking."""

import random
import time
from collections.abc import Callable


class GivenUpError(Exception):
    """Nothing has come of asking for long; the text is the last failure."""


class Backoff:
    """Pauses that double from a floor to a cap, each shortened by chance to between a half and the whole of it.

    The chance keeps a thousand followers of one broken node from asking at the same moment.

    Args:
        floor: the first pause, in seconds.
        cap: the longest, in seconds.
        patience: seconds of failures after which to give up.
        chance: gives a number between 0 and 1.
        clock: gives seconds.
    """

    def __init__(
        self,
        floor: float,
        cap: float,
        patience: float,
        *,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._floor = floor
        self._cap = cap
        self._patience = patience
        self._chance = chance
        self._clock = clock
        self._next = floor
        self._failing_since: float | None = None

    def pause(self, failure: str = "") -> float:
        """Give the next pause, in seconds; without a failure the patience is not touched.

        Raises:
            GivenUpError: the patience is at its end.
        """
        if failure:
            now = self._clock()
            if self._failing_since is None:
                self._failing_since = now
            if now - self._failing_since > self._patience:
                raise GivenUpError(failure)
        pause = self._next * (0.5 + self._chance() / 2)
        self._next = min(self._cap, self._next * 2)
        return pause

    def reset(self) -> None:
        """Start anew: something came of it."""
        self._failing_since = None
        self._next = self._floor
