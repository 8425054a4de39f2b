"""Tests of one follow for all who look at the same log."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

import pytest
from logapi import Answer, LogApi, finished, pod, stamped
from logserver import QUICK, until

from repro.server.cluster import Clients, Cluster, connect
from repro.server.events import End, Event, Restarted, Resumed, Waiting
from repro.server.limits import Limits
from repro.server.podlog import PodLog
from repro.server.sharing import OVERHEAD, SharedFollows

LINE = b"x" * 999 + b"\n"
PIECE = stamped("x" * 999)
SMALL = dataclasses.replace(QUICK, kept_per_log=3 * (len(LINE) + OVERHEAD))
"""Room for three of the lines."""


class Viewer:
    """A sink that reads when it may."""

    def __init__(self) -> None:
        self.got = b""
        self.helpings = 0
        self.events: list[type[Event]] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def data(self, data: bytes) -> None:
        """Take log."""
        await self.reads.wait()
        self.got += data
        self.helpings += 1

    async def event(self, event: Event) -> None:
        """Take an event."""
        await self.reads.wait()
        self.events.append(type(event))


class Theatre:
    """The follows of a process over a scripted API, and their viewers."""

    def __init__(self, api: LogApi, cluster: Cluster, limits: Limits) -> None:
        self.api = api
        self.follows = SharedFollows(limits)
        self.looks: list[asyncio.Task[End]] = []
        self._cluster = cluster

    async def look(self, name: str = "pod", *, container: str = "main", reads: bool = True) -> Viewer:
        """Let a viewer in, and let him read what there is."""
        viewer = Viewer()
        if not reads:
            viewer.reads.clear()
        seen = await self._cluster.pod("default", name)
        log = PodLog(cluster=self._cluster, pod=seen, container=container, stopping=asyncio.Future())
        self.looks.append(asyncio.create_task(self.follows.follow(log, viewer)))
        await asyncio.sleep(0)
        return viewer

    async def leave(self, number: int) -> None:
        """Let a viewer go."""
        self.looks[number].cancel()
        await asyncio.wait({self.looks[number]})

    async def ends(self) -> list[End]:
        """Wait for the end of all who look."""
        async with asyncio.timeout(10):
            return await asyncio.gather(*self.looks)


def play(api: LogApi, test: Callable[[Theatre], Awaitable[None]], limits: Limits = QUICK) -> None:
    """Run a test, let all viewers go, and check that nothing is left."""

    async def main() -> None:
        async with api.serving(), connect(Clients(api.configuration())) as cluster:
            theatre = Theatre(api, cluster, limits)
            try:
                await test(theatre)
            finally:
                for number in range(len(theatre.looks)):
                    await theatre.leave(number)
            await until(lambda: not api.follows and not api.watchers)
            assert theatre.follows.kept == 0

    asyncio.run(main())


def live(*chunks: bytes) -> tuple[LogApi, Callable[[bytes], None]]:
    """Make an API whose pod goes on writing, and what makes it write."""
    later: asyncio.Queue[bytes] = asyncio.Queue()
    api = LogApi({"pod": pod()}, [Answer(chunks, end="hold", later=later)])
    return api, later.put_nowait


def test_a_log_is_asked_for_once() -> None:
    """All viewers get all of it, and the end, from the requests of one."""
    api = LogApi({"pod": finished()}, [Answer([stamped("line 1", "line 2")])])

    async def test(theatre: Theatre) -> None:
        viewers = [await theatre.look(reads=False) for _ in range(10)]
        for viewer in viewers:
            viewer.reads.set()
        assert {end.reason for end in await theatre.ends()} == {"Completed"}
        assert {viewer.got for viewer in viewers} == {b"line 1\nline 2\n"}
        assert len(api.asked) == 2  # the second to see that nothing more has come

    play(api, test)


def test_who_comes_late_gets_everything_once() -> None:
    """A viewer sees what was written before he came and what is written after, in order."""
    api, write = live(stamped("line 1"))

    async def test(theatre: Theatre) -> None:
        early = await theatre.look()
        write(stamped("line 2", second=1))
        await until(lambda: early.got.endswith(b"2\n"))
        late = await theatre.look()
        write(stamped("line 3", second=2))
        await until(lambda: early.got.endswith(b"3\n") and late.got.endswith(b"3\n"))
        assert early.got == late.got == b"line 1\nline 2\nline 3\n"
        assert len(api.asked) == 1

    play(api, test)


def test_pods_and_containers_do_not_share() -> None:
    """A follow is of one container of one pod; a pod of the same name that came after it is another."""
    two = pod()
    two["spec"]["containers"].append({"name": "second", "image": "busybox"})
    api = LogApi({"pod": two, "other": pod("other")}, [Answer([stamped("line 1")], end="hold")])

    async def test(theatre: Theatre) -> None:
        await theatre.look()
        await theatre.look(container="second")
        await theatre.look("other")
        api.pods["pod"]["metadata"]["uid"] = "another"
        await theatre.look()
        await until(lambda: api.follows == 4)

    play(api, test)


def test_a_slow_viewer_does_not_hold_up_the_others() -> None:
    """He goes on with a follow of his own from where he was, and misses nothing."""
    lines = [stamped("x" * 999, second=second) for second in range(20)]
    api, write = live()
    api.answers.append(Answer(lines, end="hold"))

    async def test(theatre: Theatre) -> None:
        slow, fast = await theatre.look(reads=False), await theatre.look()
        for number, line in enumerate(lines, start=1):
            write(line)
            await until(lambda: len(fast.got) == number * len(LINE))  # noqa: B023 - it is awaited here
            assert theatre.follows.kept <= SMALL.kept_per_log + len(LINE) + OVERHEAD
        assert slow.got == b""
        assert len(api.asked) == 1
        slow.reads.set()
        await until(lambda: len(slow.got) == len(fast.got))
        assert slow.got == fast.got == 20 * LINE
        assert [asked.get("sinceTime") for asked in api.asked] == [None, "2026-11-24T07:18:00Z"]
        assert slow.events == [Resumed]

    play(api, test, SMALL)


def test_a_viewer_who_is_behind_catches_up_in_few_helpings() -> None:
    """Small pieces that wait for him come together."""
    api, write = live()

    async def test(theatre: Theatre) -> None:
        fast = await theatre.look()
        for number in range(10):
            write(stamped(f"line {number}", second=number))
            await until(lambda: fast.got.endswith(b"%d\n" % number))  # noqa: B023 - it is awaited here
        late = await theatre.look()
        assert late.got == fast.got
        assert (fast.helpings, late.helpings) == (10, 1)

    play(api, test)


def test_a_single_viewer_holds_up_the_follow() -> None:
    """What he does not read is not fetched."""
    later: asyncio.Queue[bytes] = asyncio.Queue()
    api = LogApi({"pod": pod()}, [Answer([2_000 * PIECE] * 10, end="hold", later=later)])

    async def test(theatre: Theatre) -> None:
        viewer = await theatre.look(reads=False)
        await until(lambda: theatre.follows.kept > 0)
        await asyncio.sleep(0.2)
        assert theatre.follows.kept < 10_000_000
        later.put_nowait(b"")
        viewer.reads.set()
        await until(lambda: len(viewer.got) == 20_000 * len(LINE))

    play(api, test, SMALL)


def test_the_last_one_to_leave_ends_the_follow() -> None:
    """As long as one is there it goes on, whoever began it; then its connection is closed."""
    api, write = live(stamped("line 1"))

    async def test(theatre: Theatre) -> None:
        await theatre.look()
        stays = await theatre.look()
        await theatre.leave(0)
        write(stamped("line 2", second=1))
        await until(lambda: stays.got == b"line 1\nline 2\n")
        assert api.follows == 1
        await theatre.leave(1)
        await until(lambda: api.follows == 0, seconds=1)
        assert len(api.asked) == 1

    play(api, test)


def test_who_comes_after_the_last_one_left_starts_anew() -> None:
    """A follow that ends is not joined."""
    api = LogApi({"pod": pod()}, [Answer([stamped("line 1")], end="hold")])

    async def test(theatre: Theatre) -> None:
        await theatre.look()
        await until(lambda: api.follows == 1)
        theatre.looks[0].cancel()
        again = await theatre.look()
        await until(lambda: again.got == b"line 1\n")
        assert len(api.asked) == 2

    play(api, test)


@pytest.mark.parametrize(
    "limits",
    [SMALL, dataclasses.replace(QUICK, kept_in_all=0, kept_if_full=SMALL.kept_per_log)],
    ids=["of the log", "of all logs"],
)
def test_who_comes_after_the_beginning_has_gone_gets_a_follow_of_his_own(limits: Limits) -> None:
    """He misses nothing, and the next one joins him."""
    lines = [stamped("x" * 999, second=second) for second in range(4)]
    api, write = live()
    api.answers.append(Answer(lines[:3], end="hold"))

    async def test(theatre: Theatre) -> None:
        first = await theatre.look()
        for number, line in enumerate(lines, start=1):
            write(line)
            await until(lambda: len(first.got) == number * len(LINE))  # noqa: B023 - it is awaited here
        late = [await theatre.look(), await theatre.look()]
        await until(lambda: [viewer.got for viewer in late] == 2 * [3 * LINE])
        assert [asked.get("sinceTime") for asked in api.asked] == [None, None]

    play(api, test, limits)


def test_an_upstream_error_reaches_all() -> None:
    """When the log is given up, each viewer is told why."""
    api = LogApi({"pod": pod()}, [Answer([stamped("line 1")], end="cut"), Answer(status=403, message="no")])

    async def test(theatre: Theatre) -> None:
        await theatre.look()
        await theatre.look()
        ends = await theatre.ends()
        assert [(end.reason, end.message) for end in ends] == 2 * [("UpstreamError", "no")]

    play(api, test)


def test_a_defect_reaches_all() -> None:
    """An error that nobody foresaw ends all views rather than leaving them to wait."""
    api = LogApi({"pod": pod(phase="Pending", state={"waiting": {}})}, [Answer(status=204)])

    async def test(theatre: Theatre) -> None:
        await theatre.look()
        await theatre.look()
        await until(lambda: len(api.watchers) == 1)
        api.watchers[0].put_nowait({"type": "MODIFIED", "object": "no pod"})
        async with asyncio.timeout(10):
            errors = await asyncio.gather(*theatre.looks, return_exceptions=True)
        assert [type(error).__name__ for error in errors] == 2 * ["ValidationError"]
        theatre.looks.clear()

    play(api, test)


def test_cuts_and_restarts_reach_all() -> None:
    """Each viewer, early or late, gets the events in their places between the lines."""
    old, new = (
        [stamped("old 1"), stamped("old 2", second=1)],
        Answer([stamped("new 1", second=9)], end="hold"),
    )
    later: asyncio.Queue[bytes] = asyncio.Queue()
    answers = [Answer(old[:1], end="cut"), Answer(old, later=later), Answer(old), new]
    api = LogApi({"pod": pod()}, answers)

    async def test(theatre: Theatre) -> None:
        early = await theatre.look()
        await until(lambda: early.got == b"old 1\nold 2\n")
        api.put(pod(restarts=1))
        later.put_nowait(b"")
        await until(lambda: early.got.endswith(b"new 1\n"))
        late = await theatre.look()
        assert early.got == late.got == b"old 1\nold 2\nnew 1\n"
        assert early.events == late.events == [Waiting, Resumed, Restarted]

    play(api, test)


def test_who_falls_behind_before_a_restart_gets_the_rest_of_both_runs() -> None:
    """By himself he reads what is left of the run before, and then the new one."""
    old = [stamped("x" * 999, second=second) for second in range(2)]
    new = [stamped("y" * 999, second=second) for second in range(20, 24)]
    later: asyncio.Queue[bytes] = asyncio.Queue()
    fast_answers = [Answer(old, later=later), Answer(old), Answer(later=later)]
    api = LogApi({"pod": pod()}, [*fast_answers, Answer(old), Answer(new, end="hold")])

    async def test(theatre: Theatre) -> None:
        slow, fast = await theatre.look(reads=False), await theatre.look()
        await until(lambda: len(fast.got) == 2 * len(LINE))
        api.put(pod(restarts=1))
        later.put_nowait(b"")
        for number, line in enumerate(new, start=3):
            later.put_nowait(line)
            await until(lambda: len(fast.got) == number * len(LINE))  # noqa: B023 - it is awaited here
        slow.reads.set()
        await until(lambda: len(slow.got) == 6 * len(LINE))
        assert slow.got == fast.got
        assert [asked.get("previous") for asked in api.asked] == [None, "true", None, "true", None]
        assert slow.events == [Restarted]

    play(api, test, SMALL)
