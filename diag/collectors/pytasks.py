"""Tasks written in Python (`asyncio.tasks._PyTask`), which some libraries put in the place of the C ones."""

import numpy as np

from diag.collectors import attributes, layout
from diag.collectors.coroutines import INTERPRETER_TYPES, read_heads
from diag.collectors.memory import Flags, Reader, Words, distinct, gather
from diag.collectors.objects import Objects
from diag.collectors.tasks import LARGEST_REFCOUNT, Tasks, count_mask

_DONE = frozenset({"FINISHED", "CANCELLED"})
"""Values of the attribute `_state`; a pending task has it from its class."""


class PythonTaskReader:
    """Reads tasks written in Python, from the values of their attributes.

    Names of attributes are not looked at: the coroutine is the first value of such a type.
    """

    def __init__(
        self, reader: Reader, objects: Objects, offsets: layout.Layout, minor: int, types: Words
    ) -> None:
        self._reader = reader
        self._objects = objects
        self._offsets = offsets
        self._minor = minor
        self._types = types

    def read(self, addresses: Words) -> Tasks:
        """Read the tasks at addresses: those alive, initialised, and with a coroutine of the interpreter's types."""
        head, good = gather(self._reader, addresses, 2)
        count = head[:, 0] & count_mask(self._offsets)
        good &= (count > 0) & (count < LARGEST_REFCOUNT) & np.isin(head[:, 1], self._types)
        addresses, types = addresses[good], head[good, 1]
        values = np.zeros((len(addresses), attributes.MOST), dtype=np.uint64)
        for kind in distinct(types).tolist():
            rows = types == np.uint64(kind)
            values[rows] = attributes.values(self._reader, self._minor, addresses[rows], kind)
        coros, states = self._coros_and_states(values)
        bodies = read_heads(self._reader, self._offsets, coros)
        unknown = np.zeros_like(coros)
        return Tasks(addresses, states, unknown, unknown, coros, bodies).take(coros != 0)

    def read_together(self, addresses: Words) -> Tasks:
        """Read them again; there is no tighter way over so many steps."""
        return self.read(addresses)

    def unchanged(self, tasks: Tasks) -> Flags:
        """Read tasks again, and tell which are alive with the same coroutine, in the same state."""
        again = self.read(tasks.addresses)
        rows = np.searchsorted(tasks.addresses, again.addresses)
        same = np.zeros(len(tasks.addresses), dtype=np.bool_)
        same[rows] = (tasks.coros[rows] == again.coros) & (tasks.states[rows] == again.states)
        return same

    def are_named(self, tasks: Tasks) -> Flags:
        """Take all: the type of the coroutine was checked."""
        return np.ones(len(tasks.addresses), dtype=np.bool_)

    def _coros_and_states(self, values: Words) -> tuple[Words, Words]:
        """Find the coroutine among the values of each task, and whether one of them says that it is done."""
        types = self._objects.types_of(values.ravel()).reshape(values.shape)
        kinds = self._objects.type_names(distinct(types).tolist())
        runs = np.isin(types, [kind for kind, name in kinds.items() if name in INTERPRETER_TYPES])
        column = runs.argmax(axis=1)[:, None]
        coros = np.where(runs.any(axis=1), np.take_along_axis(values, column, axis=1)[:, 0], np.uint64(0))
        strings = np.isin(types, [kind for kind, name in kinds.items() if name == "str"])
        texts = self._objects.strings(distinct(values[strings]).tolist())
        final = np.array([text for text, value in texts.items() if value in _DONE], dtype=np.uint64)
        done = np.isin(values, final).any(axis=1)
        return coros, np.where(done, np.uint64(len(layout.STATES) - 1), np.uint64(layout.PENDING))
