"""The machine that a recording is made on, and the tools it is made with."""

import importlib.metadata
import os
import platform
from pathlib import Path

from diag import __version__
from diag.recording import Machine


def this_machine() -> Machine:
    """Describe this machine and the observer's software."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        memory_bytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        kernel=platform.release(),
        python=platform.python_version(),
        hotloop=__version__,
        py_spy=_py_spy_version(),
    )


def _processor() -> str:
    """Name the processor; only its architecture where the kernel gives no name (arm64)."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def _py_spy_version() -> str:
    """Give the version of the installed package; "" where py-spy came in another way."""
    try:
        return importlib.metadata.version("py-spy")
    except importlib.metadata.PackageNotFoundError:
        return ""
