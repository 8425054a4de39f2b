"""Tests of the plain functions: what is left is found, what was there before or is excused is not."""

import asyncio
import subprocess
import sys
import threading

import pytest

from diag.testing import Baseline, Leak, LeakError, find_leaks, verify_none, verify_none_async


async def forever() -> None:
    """Wait for nothing."""
    await asyncio.Event().wait()


async def ended(task: "asyncio.Task[None]") -> None:
    """End a task."""
    task.cancel()
    await asyncio.wait({task})


def test_tasks_alike_are_one_leak() -> None:
    """With their number, and where they stand; the task that asks is none."""

    async def main() -> list[Leak]:
        tasks = [asyncio.create_task(forever()) for _ in range(3)]
        await asyncio.sleep(0)
        found = find_leaks()
        for task in tasks:
            await ended(task)
        assert find_leaks() == []
        return found

    (leak,) = asyncio.run(main())
    assert (leak.kind, leak.name, leak.count) == ("task", "forever", 3)
    assert leak.waiting.startswith("forever (")


def test_what_was_there_before_is_no_leak() -> None:
    """A baseline takes in the loop's tasks, and the threads."""

    async def main() -> None:
        first = asyncio.create_task(forever())
        known = Baseline()
        second = asyncio.create_task(forever())
        assert [leak.count for leak in find_leaks(baseline=known)] == [1]
        known.add()
        assert find_leaks(baseline=known) == []
        await ended(first)
        await ended(second)

    asyncio.run(main())


def test_what_is_to_be_ignored_is_left_out() -> None:
    """By the name of the coroutine, with wildcards."""

    async def main() -> None:
        task = asyncio.create_task(forever())
        assert find_leaks(ignore=["for*"]) == []
        assert find_leaks(ignore=["other"]) != []
        await ended(task)

    asyncio.run(main())


def test_threads_are_found_without_a_loop() -> None:
    """By name, until they end."""
    end = threading.Event()
    known = Baseline()
    thread = threading.Thread(target=end.wait, name="mine")
    thread.start()
    assert [(leak.kind, leak.name) for leak in find_leaks(baseline=known)] == [("thread", "mine")]
    end.set()
    thread.join()
    assert find_leaks(baseline=known) == []


def test_a_server_and_its_connections_are_found() -> None:
    """With their addresses."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port)
        await asyncio.sleep(0.01)
        found = {(leak.kind, leak.name.partition(" to ")[2] or leak.name) for leak in find_leaks()}
        assert {("server", f"{host}:{port}"), ("connection", f"{host}:{port}")} <= found
        writer.close()
        await writer.wait_closed()
        server.close()
        await asyncio.sleep(0.01)

    asyncio.run(main())


def test_verify_none_waits_for_what_goes_away() -> None:
    """And raises with one line and a section where it does not."""
    end = threading.Event()
    known = Baseline()
    threading.Thread(target=end.wait, name="stays").start()
    with pytest.raises(LeakError, match=r"^diag: thread stays") as caught:
        verify_none(settle=0.01, baseline=known)
    assert [leak.name for leak in caught.value.leaks] == ["stays"]
    threading.Timer(0.02, end.set).start()
    verify_none(settle=10, baseline=known)


def test_verify_none_async_lets_the_loop_turn() -> None:
    """A task that needs some turns to end gets them."""

    async def main() -> None:
        tasks = {asyncio.create_task(asyncio.sleep(0.01))}
        await verify_none_async(settle=10)
        tasks.add(asyncio.create_task(forever()))
        with pytest.raises(LeakError, match="task forever"):
            await verify_none_async(settle=0.01)

    asyncio.run(main())


def test_a_subprocess_is_not_waited_for() -> None:
    """Whether it runs is seen without reaping it."""
    from diag.testing import remains

    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        pass
    assert remains.processes([process]) == {}
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        (leak,) = remains.processes([process]).values()
        assert leak.name.endswith("-c input()")
        assert process.returncode is None
    assert remains.processes([process]) == {}
