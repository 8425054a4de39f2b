"""Does nothing and knows nothing of asyncio; maps so many bytes without touching them, if told.

Usage: plain.py [BYTES]
"""

# A script that is observed.
# ruff: noqa: T201

import mmap
import sys
import time

UNRESERVED = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # MAP_NORESERVE
area = mmap.mmap(-1, int(sys.argv[1]), flags=UNRESERVED) if len(sys.argv) > 1 else None
print("{}", flush=True)
time.sleep(3600)
