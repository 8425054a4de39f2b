"""The test's own process, read as another one is read: its objects are known, and need not be made by hand."""

import os
import sys
import types

from diag.collectors.awaits import Awaits
from diag.collectors.codes import Codes
from diag.collectors.contents import Contents
from diag.collectors.cpython import identify
from diag.collectors.frames import Frames
from diag.collectors.memory import ProcessMemory
from diag.collectors.peek import Peek, Torn
from diag.collectors.runtime import Runtime

MINOR = sys.version_info.minor


class Own:
    """Readers of this process."""

    def __init__(self) -> None:
        pid = os.getpid()
        memory = ProcessMemory(pid)
        mappings = memory.mappings()
        self.peek = Peek(pid)
        self.runtime = Runtime(self.peek, identify(memory, mappings, pid), mappings)
        self.layouts = self.runtime.layouts
        self.contents = Contents(self.peek, MINOR)
        self.codes = Codes(self.peek, self.contents.objects, self.layouts)
        self.frames = Frames(self.layouts, self.codes)
        self.awaits = Awaits(self.layouts, self.frames, self.contents.kinds)


def code_of(function: object) -> types.CodeType:
    """Give the code of a Python function."""
    assert isinstance(function, types.FunctionType)
    return function.__code__


class Held:
    """Bytes at addresses, made by hand."""

    def __init__(self, pieces: dict[int, bytes]) -> None:
        self.pieces = pieces

    def read(self, address: int, size: int) -> bytes:
        """Read what lies within a piece."""
        for start, data in self.pieces.items():
            if start <= address and address + size <= start + len(data):
                return data[address - start : address - start + size]
        raise Torn(address)
