"""HL008: a callback that puts itself back into the event loop's queue on every run."""

import pytest
import scenes

from diag.causes.cause import Variable
from diag.causes.rescheduled import CAUSE

POLLER = """
class Delivery:
    def __init__(self, loop):
        self.loop = loop

    def deliver(self, origin):
        left = False
        for task in self.tasks:
            left = True
            task.cancel()  # hot
        if left:
            self.handle = self.loop.call_soon(self.deliver, origin)
        else:
            self.handle = None
"""

MEASURED = scenes.facts(
    verdicts=frozenset({"spin"}),
    on_event_loop=True,
    waits="never",
    callbacks=("Delivery.deliver",),
    variables={"left": "constant", "self.tasks": "constant"},
)


def callback(line: str, head: str = "def tick(self):", more: str = "") -> str:
    """Make a class whose method runs a line."""
    return f"""
import asyncio, functools, threading
from datetime import timedelta

class Ticker:
    {head}
        self.check()  # hot
        {line}

    def check(self):
        return self.ready
{more}
"""


def test_a_callback_that_passes_itself_on() -> None:
    """The line that schedules is at fault, also where the samples lie in a `for` within the callback."""
    here = scenes.scene(POLLER)
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (11, (11,))
    assert "`Delivery.deliver` passes itself to `call_soon` in line 11" in match.message
    assert scenes.judged(CAUSE, here, MEASURED) > 0.9


@pytest.mark.parametrize(
    "line",
    [
        "asyncio.get_running_loop().call_soon(self.tick)",
        "self.loop.call_soon_threadsafe(self.tick)",
        "self.loop.call_soon(lambda: self.tick())",
        "self.loop.call_soon(functools.partial(self.tick, 1))",
        "self.loop.call_later(0, self.tick)",
        "self.loop.call_later(0.0, self.tick)",
        "self.loop.call_later(-1, self.tick)",
        "self.loop.call_later(delay=0, callback=self.tick)",
        "self.loop.call_at(self.loop.time(), self.tick)",
        "self.io_loop.add_callback(self.tick)",
        "self.io_loop.add_timeout(timedelta(0), self.tick)",
        "self.io_loop.add_timeout(timedelta(seconds=0), self.tick)",
        "self.settled.add_done_callback(self.tick)",
        "self.reactor.callLater(0, self.tick)",
        "GLib.idle_add(self.tick)",
        "QTimer.singleShot(0, self.tick)",
        "self.root.after(0, self.tick)",
        "self.scheduler.enter(0, 1, self.tick)",
        "threading.Timer(0, self.tick).start()",
        "again = self.tick; self.loop.call_soon(again)",
        "self.loop.call_soon(Ticker.tick, self)",
    ],
)
def test_every_way_to_schedule_at_once(line: str) -> None:
    """asyncio, Tornado, Twisted, GLib, Qt, Tk, sched, threads; bound, in a lambda, in a partial, by a local name."""
    here = scenes.scene(callback(line))
    assert scenes.found(CAUSE, here).line == 7
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Ticker.tick",), waits="never")) > 0.9


def test_a_function_inside_a_function() -> None:
    """A closure refers to itself by name, and shows its full name in the queue."""
    here = scenes.scene("""
def watch(loop, flag):
    def look():
        if not flag.is_set():  # hot
            loop.call_soon(look)
    look()
""")
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("watch.<locals>.look",))) > 0.9


def test_a_lambda_is_known_by_the_function_around_it() -> None:
    """The queue shows "Ticker.tick.<locals>.<lambda>"."""
    here = scenes.scene(callback("self.loop.call_soon(lambda: self.tick())"))
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Ticker.tick.<locals>.<lambda>",))) > 0.9


def test_a_wrapped_callback_is_less_certain() -> None:
    """A partial and Tornado's own runner hide what they run."""
    here = scenes.scene(callback("self.io_loop.add_callback(self.tick)"))
    assert 0 < scenes.judged(CAUSE, here, scenes.facts(callbacks=("IOLoop._run_callback",))) < 0.8


def test_two_callbacks_that_schedule_each_other() -> None:
    """Both lines are named."""
    here = scenes.scene("""
class Pump:
    def fill(self):
        self.loop.call_soon(self.drain)  # hot

    def drain(self):
        self.loop.call_soon(self.fill)
""")
    match = scenes.found(CAUSE, here)
    assert match.lines == (3, 6)
    assert "it schedules `drain` (line 3), which schedules `fill` (line 6)" in match.message
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Pump.drain", "Pump.fill"))) > 0.9


def test_a_callback_that_schedules_itself_through_a_helper() -> None:
    """The helper's call is followed."""
    here = scenes.scene("""
class Pump:
    def _again(self):
        self.loop.call_soon(self.fill)

    def fill(self):
        if self.open:  # hot
            self._again()
""")
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (3, (3, 7))


def test_a_coroutine_that_starts_itself_anew() -> None:
    """It needs a high rate of tasks made: a new one on every round."""
    here = scenes.scene(callback("asyncio.create_task(self.tick())", head="async def tick(self):"))
    named = scenes.facts(callbacks=("Ticker.tick",), created_per_second=20_000.0)
    assert scenes.judged(CAUSE, here, named) > 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Ticker.tick",), created_per_second=2.0)) == 0


def test_a_delay_that_is_a_variable_needs_its_value() -> None:
    """`call_later(self.interval, ...)` is at fault if the interval is measured to be nothing."""
    here = scenes.scene(callback("self.loop.call_later(self.interval, self.tick)"))

    def agreement(text: str, *callbacks: str) -> float:
        seen = Variable(behaviour="constant", types=("float",), text=text)
        known = scenes.facts(variables={"self.interval": seen}, callbacks=callbacks, on_event_loop=True)
        return scenes.judged(CAUSE, here, known)

    assert agreement("0.0", "Ticker.tick") > 0.9
    assert agreement("0.0") == 0.5
    assert agreement("0.5", "Ticker.tick") == 0
    assert scenes.judged(CAUSE, here, scenes.facts(on_event_loop=True)) == 0


@pytest.mark.parametrize(
    "line",
    [
        "self.loop.call_later(1, self.tick)",
        "self.loop.call_later(0.01, self.tick)",
        "self.loop.call_later(60 * 5, self.tick)",
        "self.loop.call_at(self.loop.time() + 1, self.tick)",
        "self.io_loop.add_timeout(timedelta(seconds=1), self.tick)",
        "threading.Timer(30, self.tick).start()",
        "self.loop.call_soon(self.check)",
        "self.loop.call_soon(self.other.tick)",
        "self.loop.call_soon(other.tick)",
        "self.loop.call_soon(*args)",
        "self.loop.call_soon()",
        "self.loop.call_soon(self.callbacks[0])",
        "self.tick()",
        "self.signal.connect(self.tick)",
        "self.queue.put(self.tick)",
        "def later(): self.loop.call_soon(self.tick)",
    ],
)
def test_silent_where_nothing_comes_back_at_once(line: str) -> None:
    """A real delay, another function or object, recursion, a call in a function that is only defined."""
    assert CAUSE.find(scenes.scene(callback(line))) is None


def test_silent_in_an_event_loop_itself() -> None:
    """Tornado's runner of callbacks comes back to itself by design."""
    here = scenes.scene(callback("self.loop.call_soon(self.tick)"), file="/x/site-packages/tornado/ioloop.py")
    assert CAUSE.find(here) is None


def test_silent_at_a_loop_of_its_own() -> None:
    """A callback with a hot `while` burns its time there."""
    here = scenes.scene("""
def tick(loop, sock):
    while True:
        sock.poll()  # hot
    loop.call_soon(tick, loop, sock)
""")
    assert CAUSE.find(here) is None


@pytest.mark.parametrize(
    "contradiction",
    [
        {"callbacks": ("Server.accept", "Ticker.check")},
        {"callbacks": ("Other.tick",)},
        {"variables": {"chunk": Variable(behaviour="changing", types=("bytes",))}},
    ],
)
def test_silent_where_the_facts_contradict(contradiction: dict[str, object]) -> None:
    """Another callback in the queue, data that is new at every look (work in portions)."""
    here = scenes.scene(callback("self.loop.call_soon(self.tick)"))
    measured: dict[str, object] = {"callbacks": ("Ticker.tick",), "on_event_loop": True}
    assert scenes.judged(CAUSE, here, scenes.facts(**measured | contradiction)) == 0  # type: ignore[arg-type] # fields


def test_a_clock_is_no_data() -> None:
    """A time that changes does not make a callback productive."""
    here = scenes.scene(callback("self.loop.call_soon(self.tick)"))
    now = Variable(behaviour="changing", types=("float",))
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Ticker.tick",), variables={"now": now})) > 0.9
