"""Exports reports with a command-line tool, from an event loop."""

import asyncio
import subprocess

import lifetime

FIXED = lifetime.begin()


async def export(name):
    command = ["sleep", "1"]
    if FIXED:
        process = await asyncio.create_subprocess_exec(*command)
        return await process.wait()
    return subprocess.run(command, check=True).returncode


async def session():
    while True:
        await asyncio.sleep(0.1)


async def main():
    sessions = [asyncio.ensure_future(session()) for _ in range(5)]
    lifetime.ready()
    while sessions:
        await export("june")
        await asyncio.sleep(0.02)


asyncio.run(main())
