"""Runs a script that is given on the command line, as `python -c` does; there is no file to read."""

import os
import sys

CODE = """
import os, signal, sys
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
import asyncio
pending = []
async def pump():
    while not pending:
        await asyncio.sleep(1 if "--fixed" in sys.argv else 0)
print("READY", os.getpid(), flush=True)
asyncio.run(pump())
"""
os.execv(sys.executable, [sys.executable, "-c", CODE, *sys.argv[1:]])
