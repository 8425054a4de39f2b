"""Many files: checked by several processes where that pays, in the order in which they were given."""

import gc
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

from diag.errors import HotloopError
from diag.lint.checking import File, check
from diag.lint.finding import Checked
from diag.lint.rules import Rule

WORTH = 300
"""Files from which further processes pay: to start them takes some 50 ms, a file 0.2 ms."""

CHUNK = 100
"""Files that a process is given at a time."""


def check_all(
    files: Sequence[File], rules: Sequence[Rule], processes: int | None = None
) -> Iterator[Checked]:
    """Check files, and give what became of them in their order.

    Args:
        files: to check.
        rules: what to look for.
        processes: at most; by default one for each core that this one may use.

    Raises:
        HotloopError: a process was ended from outside.
    """
    most = processes or len(os.sched_getaffinity(0))
    if most == 1 or len(files) < WORTH:
        with _no_collection():
            yield from (check(file, rules) for file in files)
        return
    chunks = [files[at : at + CHUNK] for at in range(0, len(files), CHUNK)]
    executor = ProcessPoolExecutor(most, get_context("fork"), _prepare)
    try:
        for done in executor.map(partial(_check_chunk, tuple(rules)), chunks):
            yield from done
    except BrokenProcessPool as error:
        raise HotloopError(
            "A process that checked files was ended, perhaps for want of memory: try again with --jobs 1."
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


def _check_chunk(rules: Sequence[Rule], files: Sequence[File]) -> list[Checked]:
    return [check(file, rules) for file in files]


def _prepare() -> None:
    """Leave Ctrl-C to the process that the user started, and cycles to the end of this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of cycles from going through each tree as it grows: trees have none, and it takes half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
