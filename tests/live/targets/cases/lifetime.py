"""The life of a target: `NAME.py SECONDS [--fixed]`; it says READY, and ends by itself whatever it is doing."""

import ctypes
import os
import signal
import sys


def begin():
    """Set the alarm that ends this process (the kernel does, no handler runs); tells whether to run the fixed version."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, float(words[0]) if words else 20.0)
    return "--fixed" in sys.argv


def ready():
    """Say which process to look at."""
    print("READY", os.getpid(), flush=True)


def child():
    """Have a forked process end with its parent, and at the latest when the parent's time is over."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    begin()
