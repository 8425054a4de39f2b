"""The machine described."""

import os
import platform

from diag.machine import this_machine


def test_it_is_this_one() -> None:
    """Cores are those that this process may use, memory is in bytes, and the tools have versions."""
    found = this_machine()
    assert found.cores == len(os.sched_getaffinity(0))
    assert found.memory_bytes > 1 << 28
    assert found.python == platform.python_version()
    assert found.py_spy
    assert found.processor
