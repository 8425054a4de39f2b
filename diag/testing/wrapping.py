"""Callables of one object put in the place of its own, and taken out again without a trace."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]


class Wrapping:
    """One attribute of one object that is another callable for a while.

    Whoever wraps the same attribute later stands above: then it cannot be taken out from below. It stays as a mere passage
    (`live` is false), and takes itself out when it is called from the top again.

    Args:
        owner: the object; its class is not touched.
        name: the attribute.
        make: gives the new callable, from the one that was there and this wrapping.
    """

    def __init__(self, owner: object, name: str, make: Callable[[Call, "Wrapping"], Call]) -> None:
        own = vars(owner)
        self._owner = owner
        self._name = name
        self._had = name in own
        self._before = getattr(owner, name)
        self._mine = make(self._before, self)
        self.live = True
        setattr(owner, name, self._mine)

    def remove(self) -> None:
        """Put back what was there, if nobody stands above."""
        self.live = False
        if vars(self._owner).get(self._name) is not self._mine:
            return
        if self._had:
            setattr(self._owner, self._name, self._before)
        else:
            delattr(self._owner, self._name)
