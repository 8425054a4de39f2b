"""find_leaks: what is left, compared with what was there before."""

import threading
from asyncio import AbstractEventLoop, get_running_loop
from asyncio.tasks import current_task
from collections.abc import Container, Iterable
from weakref import WeakSet

from diag.testing import remains, spawned
from diag.testing.filters import DEFAULT, Filter, kept, matching
from diag.testing.leaks import Leak, alike


class Baseline:
    """What is there now, and is no leak later: tasks, threads, connections, servers, async generators, subprocesses.

    Args:
        loop: whose tasks and connections are taken in; the running one by default, or none.
    """

    def __init__(self, loop: AbstractEventLoop | None = None) -> None:
        self._known: WeakSet[object] = WeakSet()
        self.add(loop)

    def add(self, loop: AbstractEventLoop | None = None) -> None:
        """Take in what is there by now as well."""
        for part in present(loop or running()):
            self._known.update(part)

    def __contains__(self, thing: object) -> bool:
        return thing in self._known


def running() -> AbstractEventLoop | None:
    """Give the running loop, if there is one."""
    try:
        return get_running_loop()
    except RuntimeError:
        return None


def present(loop: AbstractEventLoop | None, known: Container[object] = ()) -> list[dict[object, Leak]]:
    """Give all that is there now and was not known before, kind by kind."""
    parts = [remains.threads(known), remains.processes(spawned.processes(), known)]
    if loop is not None and not loop.is_closed():
        parts += of_loop(loop, known)
    return parts


def of_loop(loop: AbstractEventLoop, known: Container[object] = ()) -> list[dict[object, Leak]]:
    """Give what there is now in a loop."""
    return [remains.tasks(loop, known), remains.endpoints(loop, known), remains.generators(loop, known)]


def judged(parts: Iterable[dict[object, Leak]], filters: Iterable[Filter]) -> list[Leak]:
    """Give what no filter leaves out, those alike as one."""
    parts = [part for part in parts if part]
    if not parts:
        return []
    used = tuple(filters)
    found: list[Leak] = []
    for part in parts:
        new = kept(part.values(), used)
        # A task that is left holds the generators that it was in: it is the one to look at.
        if not (new and new[0].kind == "async generator" and any(leak.kind == "task" for leak in found)):
            found += new
    return alike(found)


def find_leaks(
    *,
    loop: AbstractEventLoop | None = None,
    baseline: Baseline | None = None,
    ignore: Iterable[str] = (),
    filters: Iterable[Filter] = DEFAULT,
) -> list[Leak]:
    """Look once for what is left, and change nothing.

    Args:
        loop: whose tasks, connections and generators are looked at; the running one by default, or none. The task
            that asks is none.
        baseline: what was there before.
        ignore: patterns of names and creators to leave out, as `*.heartbeat`.
        filters: what else is no leak.

    Returns:
        Those alike as one with a count, the most numerous first.
    """
    loop = loop or running()
    asking = {
        threading.current_thread(),
        current_task(loop) if loop is not None and loop is running() else None,
    }
    parts = present(loop, () if baseline is None else baseline)
    parts = [{thing: leak for thing, leak in part.items() if thing not in asking} for part in parts]
    return judged(parts, (*filters, matching(ignore)))
