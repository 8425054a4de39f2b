"""Views against a small log server: what becomes of them."""

import asyncio
import itertools
import time

import pytest
from viewserver import LogServer, frozen, serving

from repro.viewers.conduct import Conduct, Place
from repro.viewers.crowd import ALL_ENDED, TIME_OVER, TOLD, Crowd, Plan
from repro.viewers.view import State


def crowd(
    base: str, variant: str, views: int = 1, *, pods: tuple[str, ...] = ("p",), **settings: object
) -> Crowd:
    """Make a crowd; `settings` are those of the plan and of the viewers' conduct."""
    conduct = {name: settings.pop(name) for name in list(settings) if name in Conduct.__struct_fields__}
    places = tuple(Place(variant, "default", pod) for pod in pods)
    plan = Plan(base=base, places=places, views=views, conduct=Conduct(**conduct), **settings)  # type: ignore[arg-type]  # the tests' words
    return Crowd(plan, time.monotonic)


async def watched(made: Crowd, stop: asyncio.Event | None = None) -> list[int]:
    """Watch a crowd to its end; gives a number for each time that all were reported as tried."""
    tried = itertools.count(1)
    reported: list[int] = []
    async with asyncio.timeout(15):
        await made.watch(stop or asyncio.Event(), lambda: reported.append(next(tried)))
    return reported


def run(variant: str, views: int = 1, **settings: object) -> tuple[Crowd, LogServer]:
    """Watch views of a variant of the small server."""

    async def go() -> tuple[Crowd, LogServer]:
        async with serving() as server:
            made = crowd(server.base, variant, views, **settings)  # type: ignore[arg-type]  # the tests' words
            assert await watched(made) == [1]
            return made, server

    return asyncio.run(go())


@pytest.mark.parametrize(("variant", "code"), [("plain", "1000"), ("framed", "1000"), ("bypass", "HTTP 200")])
def test_finished_logs_come_whole(variant: str, code: str) -> None:
    """Over either wire and over plain HTTP, each view gets the 20 lines, and the server ends it."""
    made, _ = run(variant, 7)
    assert made.ended == ALL_ENDED
    for view in made.views:
        counter = view.stream.counter
        assert (view.state, view.close_code) == (State.ENDED, code)
        assert (counter.lines, counter.repeated, counter.missing) == (20, 0, 0)
        assert view.started_at is not None
        assert view.opened_at is not None
        assert view.first_line_at is not None
        assert view.ended_at is not None
        assert view.started_at <= view.opened_at <= view.first_line_at <= view.ended_at


def test_repeats_are_seen() -> None:
    """A log that comes three times over is 20 lines and 40 repeats."""
    made, _ = run("repeating")
    assert made.views[0].stream.counter.repeated == 40


def test_a_restarted_container_is_no_repeat() -> None:
    """A restart that the server announces is another log; the close code is the server's."""
    made, _ = run("restarting")
    assert (made.views[0].stream.counter.lines, made.views[0].stream.counter.repeated) == (4, 0)
    assert made.views[0].close_code == "1011"


def test_a_broken_connection_is_cut() -> None:
    """A connection that breaks leaves no close code, and half a line is none."""
    made, _ = run("broken")
    assert (made.views[0].state, made.views[0].close_code) == (State.CUT, None)
    assert made.views[0].stream.counter.lines == 1


@pytest.mark.parametrize(("abruptly", "code"), [(False, 1001), (True, 1006)])
@pytest.mark.parametrize(("variant", "pod"), [("open", "p"), ("bypass", "running")])
def test_a_viewer_walks_away(variant: str, pod: str, code: int, *, abruptly: bool) -> None:
    """A viewer leaves with the close frame of a closed tab, or without one; bypass shows a running pod as well."""

    async def go() -> None:
        async with serving() as server:
            made = crowd(server.base, variant, 3, pods=(pod,), leave_after=0.4, abruptly=abruptly)
            await watched(made)
            assert {view.state for view in made.views} == {State.LEFT}
            assert all(view.stream.counter.lines == 1 for view in made.views)
            await asyncio.wait_for(server.all_left.wait(), 5)
            assert server.close_codes == [code] * 3

    asyncio.run(go())


def test_all_leave_when_the_time_is_over() -> None:
    """At the plan's end every open view leaves."""
    made, server = run("open", 3, seconds=1.0)
    assert made.ended == TIME_OVER
    assert {view.state for view in made.views} == {State.LEFT}
    assert server.close_codes == [1001] * 3


def test_all_leave_when_told_even_in_a_flood() -> None:
    """An order to stop ends views that a faulty server floods with empty frames."""

    async def go() -> None:
        async with serving() as server:
            made = crowd(server.base, "empties", 2, closing=0.2)
            stop = asyncio.Event()
            watching = asyncio.create_task(watched(made, stop))
            await asyncio.wait_for(server.flooding.wait(), 10)
            stop.set()
            await watching
            assert made.ended == TOLD
            assert {view.state for view in made.views} == {State.LEFT}
            assert {view.stream.counter.lines for view in made.views} == {1}
            assert any(view.stream.empty_frames for view in made.views)

    asyncio.run(go())


def test_a_viewer_that_stops_reading_holds_the_server_up() -> None:
    """A viewer that takes nothing more from its socket makes the server's sending block."""

    async def go() -> None:
        async with serving() as server:
            made = crowd(server.base, "flood", stop_reading_after=0.05, closing=0.2)
            stop = asyncio.Event()
            watching = asyncio.create_task(watched(made, stop))
            await asyncio.wait_for(server.blocked.wait(), 10)
            stop.set()
            await watching
            assert made.views[0].stopped_reading

    asyncio.run(go())


@pytest.mark.parametrize(
    ("variant", "pod", "reason"),
    [
        ("nonsense", "p", "HTTP 404: there is no variant nonsense"),
        ("plain", "nosuch", 'HTTP 404: pods "nosuch" not found'),
        ("bypass", "nosuch", 'HTTP 404: pods "nosuch" not found'),
    ],
)
def test_a_refusal_passes_the_servers_words_on(variant: str, pod: str, reason: str) -> None:
    """A view that the server refuses says what the server said."""
    made, _ = run(variant, pods=(pod,))
    assert (made.views[0].state, made.views[0].refusal) == (State.REFUSED, reason)


def test_a_frozen_server_is_not_waited_for() -> None:
    """Views that a frozen server does not answer are refused after the opening time."""

    async def go() -> None:
        async with frozen() as base:
            made = crowd(base, "plain", 5, opening=0.2)
            assert await watched(made) == [1]
            assert {view.refusal for view in made.views} == {"not answered within 0.2 s"}

    asyncio.run(go())


def test_opening_is_given_up_at_the_end() -> None:
    """At the end, views that wait for an answer are refused, and those whose turn had not come are untried."""

    async def go() -> None:
        async with frozen() as base:
            made = crowd(base, "plain", 100, seconds=0.3)
            assert await watched(made) == []
            assert made.count(State.REFUSED) == 64
            assert made.count(State.UNTRIED) == 36
            assert {view.refusal for view in made.views} == {"not answered before the end", None}

    asyncio.run(go())


def test_nobody_there() -> None:
    """Where nothing listens, the reason is the system's, without the port, so that equal ones count together."""

    async def go() -> None:
        made = crowd("http://127.0.0.1:1", "plain", 2)
        await watched(made)
        assert {view.refusal for view in made.views} == {"connection refused"}

    asyncio.run(go())


def test_views_go_round_the_pods() -> None:
    """Views are spread over the pods in turn."""
    made, _ = run("plain", 5, pods=("a", "b"))
    assert [view.place.pod for view in made.views] == ["a", "b", "a", "b", "a"]


def test_a_ramp_spreads_the_openings() -> None:
    """With a ramp, a view starts no earlier than its share of it."""
    made, _ = run("plain", 4, ramp=0.4)
    starts = [view.started_at or 0.0 for view in made.views]
    assert all(start - starts[0] >= position * 0.1 - 0.01 for position, start in enumerate(starts))


def test_the_end_may_come_during_the_ramp() -> None:
    """Views whose turn comes after the end are never tried."""
    made, _ = asyncio.run(_ramp_cut_short())
    assert made.ended == TIME_OVER
    assert made.count(State.UNTRIED) > 0
    assert made.count(State.OPEN, State.OPENING) == 0


async def _ramp_cut_short() -> tuple[Crowd, list[int]]:
    async with serving() as server:
        made = crowd(server.base, "open", 20, ramp=30.0, seconds=0.2)
        return made, await watched(made)


def test_it_may_stay_when_all_have_ended() -> None:
    """With `stay` it goes on after the last view's end, until it is told to stop."""

    async def go() -> tuple[bool, Crowd]:
        stop = asyncio.Event()
        async with serving() as server:
            made = crowd(server.base, "plain", 2, stay=True)
            watching = asyncio.create_task(watched(made, stop))
            async with asyncio.timeout(15):
                while made.count(State.ENDED) < 2:
                    await asyncio.sleep(0)
            went_on = not watching.done()
            stop.set()
            await watching
            return went_on, made

    went_on, made = asyncio.run(go())
    assert went_on
    assert made.ended == ALL_ENDED
