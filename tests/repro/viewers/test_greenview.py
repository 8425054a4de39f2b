"""The view without asyncio, as Locust runs it."""

import asyncio

import pytest
from viewserver import LogServer, frozen, serving

pytest.importorskip("websocket", reason="websocket-client is not installed (pip install hotloop[locust])")

from repro.viewers.conduct import Conduct, Place
from repro.viewers.greenview import GreenView, RefusedError


async def watched(base: str, variant: str, pod: str = "p", conduct: Conduct = Conduct()) -> GreenView:  # noqa: B008 - frozen
    """Watch one view on a thread, beside the server's loop."""
    view = GreenView(Place(variant, "default", pod), conduct)
    await asyncio.wait_for(asyncio.to_thread(view.watch, base), 15)
    return view


def run(variant: str, pod: str = "p", **settings: float) -> tuple[GreenView, LogServer]:
    """Watch one view of the small log server."""

    async def go() -> tuple[GreenView, LogServer]:
        async with serving() as server:
            view = await watched(server.base, variant, pod, Conduct(**settings))  # type: ignore[arg-type]  # the tests' words
            if view.left:
                await asyncio.wait_for(server.all_left.wait(), 5)
            return view, server

    return asyncio.run(go())


@pytest.mark.parametrize(("variant", "code"), [("plain", "1000"), ("framed", "1000"), ("bypass", "HTTP 200")])
def test_a_finished_log_comes_whole(variant: str, code: str) -> None:
    """Over either wire and over plain HTTP the 20 lines come, and nothing is wrong with them."""
    view, _ = run(variant)
    assert (view.close_code, view.stream.counter.lines, view.faults(20)) == (code, 20, [])
    assert view.first_line_after is not None
    assert view.ended_after is not None
    assert view.first_line_after <= view.ended_after


@pytest.mark.parametrize(
    ("variant", "expected", "faults"),
    [
        ("repeating", 20, ["40 lines repeated"]),
        ("plain", 25, ["5 lines lost"]),
        ("broken", None, ["connection broke"]),
        ("restarting", None, ["closed with 1011"]),
    ],
)
def test_faults_are_named(variant: str, expected: int | None, faults: list[str]) -> None:
    """What is wrong with a view is told in a few words."""
    view, _ = run(variant)
    assert view.faults(expected) == faults


@pytest.mark.parametrize(("variant", "pod"), [("open", "p"), ("bypass", "running")])
def test_a_viewer_walks_away(variant: str, pod: str) -> None:
    """A viewer leaves after its time with the close frame of a closed tab, which is no fault."""
    view, server = run(variant, pod, leave_after=0.4)
    assert view.left
    assert view.faults(1) == []
    assert server.close_codes == [1001]


def test_a_viewer_leaves_abruptly() -> None:
    """Or without one."""
    _, server = run("open", leave_after=0.4, abruptly=True)
    assert server.close_codes == [1006]


def test_a_viewer_stops_reading() -> None:
    """A viewer that stops reading holds the server up until it leaves."""

    async def go() -> LogServer:
        async with serving() as server:
            await watched(
                server.base, "flood", conduct=Conduct(stop_reading_after=0.05, leave_after=1.0, closing=0.1)
            )
            return server

    assert asyncio.run(go()).blocked.is_set()


def test_a_refusal_says_why() -> None:
    """A view that is not opened raises what the server said, or that it said nothing."""

    async def go() -> None:
        async with serving() as server, frozen() as silent:
            for variant in ("plain", "bypass"):
                with pytest.raises(RefusedError, match='HTTP 404: pods "nosuch" not found'):
                    await watched(server.base, variant, "nosuch")
            with pytest.raises(RefusedError, match=r"not answered within 0\.1 s"):
                await watched(silent, "plain", conduct=Conduct(opening=0.1))
            with pytest.raises(RefusedError, match="refused"):
                await watched("http://127.0.0.1:1", "plain")

    asyncio.run(go())
