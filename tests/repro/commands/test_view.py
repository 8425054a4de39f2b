"""The command `repro view`, as its users call it: from a shell, and from a program that reads its lines."""

import asyncio
import signal
import sys
from pathlib import Path

import msgspec
import pytest
from viewserver import frozen, serving

from repro.viewers.summary import Summary

SERVER = str(Path(__file__).parents[2] / "viewserver.py")

LIMIT = 20
"""Seconds that a call may take."""


class Called:
    """A finished call."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


async def start(*words: str) -> asyncio.subprocess.Process:
    """Start `repro view`."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "repro", "view", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def finish(process: asyncio.subprocess.Process) -> Called:
    """Wait for its end; it is killed where that takes too long."""
    try:
        out, err = await asyncio.wait_for(process.communicate(), LIMIT)
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    return Called(process.returncode, out.decode(), err.decode())


def call(*words: str) -> Called:
    """Run `repro view`, where `BASE` stands for the address of a small log server."""

    async def go() -> Called:
        async with serving() as server:
            server.pods = [
                {"namespace": "n", "name": "a", "labels": {"hotloop/kind": "succeeded", "app": "x"}},
                {"namespace": "n", "name": "b", "labels": {"hotloop/kind": "failed", "app": "x"}},
            ]
            return await finish(await start(*(server.base if word == "BASE" else word for word in words)))

    return asyncio.run(go())


def test_text_is_a_sentence_and_a_table() -> None:
    """Without further words, the summary is text on standard output, and the marker goes to standard error."""
    called = call("BASE", "--variant", "framed", "--pod", "p", "--views", "3", "--expect", "20")
    assert called.code == 0
    assert called.out.startswith("3 of 3 views opened; 3 ended; 60 lines, none lost or repeated.\n\n")
    assert "3 x Completed" in called.out
    assert called.err == "views open: 3 refused: 0\n"


def test_json_goes_to_a_file(tmp_path: Path) -> None:
    """With a file, standard output is empty, and the file holds the summary."""
    file = tmp_path / "views.json"
    called = call(
        "BASE", "--variant", "plain", "--pod", "p", "--pod", "nosuch", "--format", "json", "-o", f"{file}"
    )
    assert (called.code, called.out, called.err) == (0, "", "views open: 1 refused: 1\n")
    summary = msgspec.json.decode(file.read_bytes(), type=Summary)
    assert (summary.views.ended, summary.views.refused, summary.lines.received) == (1, 1, 20)


@pytest.mark.parametrize(
    ("words", "pods"), [(("--kind", "failed"), ("n/b",)), (("-l", "app=x"), ("n/a", "n/b"))]
)
def test_pods_are_chosen_from_the_servers_list(words: tuple[str, ...], pods: tuple[str, ...]) -> None:
    """A kind or a selector chooses pods in every namespace, a view for each."""
    called = call("BASE", "--variant", "plain", *words, "--format", "json")
    summary = msgspec.json.decode(called.out, type=Summary)
    assert (summary.pods, summary.views.ended) == (pods, len(pods))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("BASE", "--variant", "plain"), "No views are wanted"),
        (
            ("127.0.0.1", "--variant", "plain", "--pod", "p"),
            "an address such as http://127.0.0.1:8080 is expected",
        ),
        (
            ("http://127.0.0.1:1", "--variant", "plain", "--pod", "p"),
            "No log server answers at http://127.0.0.1:1",
        ),
        (
            ("BASE", "--variant", "nonsense", "--pod", "p"),
            "opened no view: HTTP 404: there is no variant nonsense",
        ),
        (
            ("BASE", "--variant", "plain", "--pod", "nosuch"),
            'opened no view: HTTP 404: pods "nosuch" not found',
        ),
        (
            ("BASE", "--variant", "plain", "--kind", "silent"),
            "The server has no pod with hotloop/kind=silent",
        ),
        (("BASE", "--variant", "plain", "--pod", "p", "--views", "0"), "0 is not in the range x>=1"),
        (
            ("BASE", "--variant", "plain", "--pod", "p", "-o", "/nosuch/file"),
            "/nosuch/file cannot be written to",
        ),
        (("BASE", "--variant", "plain", "--pod", "p", "-o", "/dev/full"), "No space left on device"),
        (("BASE", "--variant", "plain", "--pod", "p", "--views", "9999999"), "9,999,999 views need"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    """What cannot be done ends with exit code 2 and a sentence, without a traceback."""
    called = call(*words)
    assert called.code == 2
    assert said in called.err
    assert "Traceback" not in called.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sends_the_views_home(number: signal.Signals) -> None:
    """On SIGTERM or Ctrl-C every view leaves with a close frame, and the summary is written: exit code 0."""

    async def go() -> tuple[Called, list[int]]:
        async with serving() as server:
            process = await start(
                server.base, "--variant", "open", "--pod", "p", "--views", "5", "--format", "json"
            )
            assert process.stderr is not None
            assert await asyncio.wait_for(process.stderr.readline(), LIMIT) == b"views open: 5 refused: 0\n"
            process.send_signal(number)
            return await finish(process), server.close_codes

    called, close_codes = asyncio.run(go())
    summary = msgspec.json.decode(called.out, type=Summary)
    assert (called.code, summary.ended, summary.views.left) == (0, "told to stop", 5)
    assert close_codes == [1001] * 5


def test_a_server_that_freezes_does_not_hold_it() -> None:
    """A signal ends the command also where the server has frozen under open views."""

    async def go() -> Called:
        server = await asyncio.create_subprocess_exec(sys.executable, SERVER, stdout=asyncio.subprocess.PIPE)
        try:
            assert server.stdout is not None
            base = (await asyncio.wait_for(server.stdout.readline(), LIMIT)).decode().strip()
            process = await start(base, "--variant", "open", "--pod", "p", "--views", "3", "--format", "json")
            assert process.stderr is not None
            assert await asyncio.wait_for(process.stderr.readline(), LIMIT) == b"views open: 3 refused: 0\n"
            server.send_signal(signal.SIGSTOP)
            process.send_signal(signal.SIGTERM)
            return await finish(process)
        finally:
            server.kill()
            await server.wait()

    called = asyncio.run(go())
    summary = msgspec.json.decode(called.out, type=Summary)
    assert (called.code, summary.views.left) == (0, 3)


def test_a_signal_before_the_opening_ends_it() -> None:
    """Stopped while it waits for Enter, the command opens nothing and writes its summary."""

    async def go() -> Called:
        async with frozen() as base:
            process = await start(base, "--variant", "open", "--pod", "p", "--format", "json", "--on-enter")
            assert process.stdout is not None
            assert await asyncio.wait_for(process.stdout.readline(), LIMIT) == b"ready\n"
            process.send_signal(signal.SIGTERM)
            return await finish(process)

    called = asyncio.run(go())
    summary = msgspec.json.decode(called.out, type=Summary)
    assert (called.code, summary.ended, summary.views.untried) == (0, "told to stop", 1)


def test_it_waits_for_enter() -> None:
    """With --on-enter nothing is opened before a line has come."""

    async def go() -> tuple[int, Called]:
        async with serving() as server:
            process = await start(
                server.base, "--variant", "plain", "--pod", "p", "--format", "json", "--on-enter"
            )
            assert process.stdout is not None
            assert process.stdin is not None
            assert await asyncio.wait_for(process.stdout.readline(), LIMIT) == b"ready\n"
            before = len(server.close_codes)
            process.stdin.write(b"open\n")
            return before, await finish(process)

    before, called = asyncio.run(go())
    assert before == 0
    assert msgspec.json.decode(called.out, type=Summary).views.ended == 1
