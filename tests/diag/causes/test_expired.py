"""HL015: a wait whose timeout has run out before it begins."""

import pytest
import scenes

from diag.causes.cause import Scene, Variable
from diag.causes.expired import CAUSE

WORKER = """
class Exporter:
    def run(self):
        timeout = self.period
        while not self.done:
            with self.condition:
                if not self.queue:
                    self.condition.wait(timeout)  # hot
                    if not self.queue:
                        continue
            started = monotonic()
            self.export()
            timeout = self.period - (monotonic() - started)
"""

EXPIRED = {"timeout": Variable(behaviour="constant", types=("float",), text="-0.3")}


def loop(body: str, before: str = "pass") -> Scene:
    """Make a scene of a loop with a body."""
    lines = body.splitlines()
    inside = "\n".join(f"        {line}" for line in lines)
    return scenes.scene(f"""
import asyncio, select, time
from asyncio import wait
from concurrent import futures

def run(self, deadline, timeout, conf):
    {before}
    while True:
{inside}
        self.turn()  # hot
""")


def test_what_is_left_of_a_period() -> None:
    """The wait, the line that computes its timeout and the `continue` that skips it are named."""
    here = scenes.scene(WORKER)
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (7, (4, 7, 12))
    assert "`wait` in line 7 waits for `timeout`, which line 12 computes as what is left" in match.message
    assert "`continue` in line 9 goes round it" in match.message
    assert scenes.judged(CAUSE, here, scenes.facts(waits="timeout", variables=EXPIRED)) > 0.9


def test_the_measured_value_decides() -> None:
    """Where the timeout was read, no other fact is needed; a real one acquits."""
    here = scenes.scene(WORKER)

    def agreement(text: str, waits: str = "unknown") -> float:
        seen = Variable(behaviour="constant", types=("float",), text=text)
        return scenes.judged(CAUSE, here, scenes.facts(variables={"timeout": seen}, waits=waits))

    assert agreement("-0.3") == agreement("0.0") == agreement("0.0004") > 0.9
    assert agreement("0.5") == agreement("0.5", "timeout") == 0


def test_the_value_in_the_function_that_waits() -> None:
    """A timeout that is computed in place is read in the frame of the wait."""
    here = loop("self.cond.wait(deadline - time.time())")
    seen = Variable(behaviour="constant", types=("int",), text="0")
    assert scenes.judged(CAUSE, here, scenes.facts(returned={"wait.timeout": seen})) > 0.9


@pytest.mark.parametrize(
    ("body", "before"),
    [
        ("self.cond.wait(max(0, deadline - time.time()))", "pass"),
        ("self.cond.wait(max(0, due))", "pass"),
        ("select.select([self.sock], [], [], left)", "left = deadline - time.time()"),
        ("self.selector.select(left)", "left = max(deadline - time.time(), 0)"),
        ("self.selector.select(timeout=left)", "left = float(deadline - time.time())"),
        ("self.poller.poll(int(1000 * (deadline - time.time())))", "pass"),
        ("self.poller.poll(math.ceil((deadline - now).total_seconds()))", "pass"),
        ("self.queue.get(True, deadline - time.time())", "pass"),
        ("self.queue.get(timeout=left)", "left = self.period - self.elapsed"),
        ("self.thread.join(timeout)\ntimeout -= time.time() - self.started", "pass"),
        ("asyncio.wait(tasks, timeout=deadline - self.loop.time())", "pass"),
        ("futures.wait(tasks, deadline - time.time())", "pass"),
        ("asyncio.wait_for(self.read(), deadline - self.loop.time())", "pass"),
        ("time.sleep(max(0, self.period - self.elapsed))", "pass"),
        ("if (left := deadline - time.time()): self.event.wait(left)", "pass"),
        ("consumer.poll(timeout_ms=deadline - time.time())", "pass"),
        ("channel.receive(timeout=deadline - time.time())", "pass"),
    ],
)
def test_every_wait_for_what_is_left(body: str, before: str) -> None:
    """Threads, selectors, queues, futures, asyncio, client libraries; inline, by a name, shrunk in place, at least 0."""
    here = loop(body, before)
    assert "is left" in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, scenes.facts(waits="timeout")) == 0.8
    assert 0 < scenes.judged(CAUSE, here, scenes.facts()) < 0.5


@pytest.mark.parametrize(
    "body", ["self.poller.poll(0.5)", "self.event.wait(-1)", "select.select([s], [], [], 0.0001)"]
)
def test_a_unit_mistaken(body: str) -> None:
    """Half a millisecond, where half a second was meant; a negative wait; a tiny one."""
    here = loop(body)
    assert "so it is over at once" in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, scenes.facts(waits="timeout")) == 0.8


def test_milliseconds_are_named() -> None:
    """The message tells the unit that the call counts in."""
    assert "a timeout of 0.5 milliseconds" in scenes.found(CAUSE, loop("self.poller.poll(0.5)")).message


@pytest.mark.parametrize(
    "body",
    [
        "self.poller.poll(0)",
        "self.event.wait(0)",
        "self.queue.get(timeout=0)",
        "asyncio.wait(tasks, timeout=0)",
    ],
)
def test_a_zero_that_is_written_is_less_certain(body: str) -> None:
    """It is meant: there, that the loop polls says more."""
    assert scenes.judged(CAUSE, loop(body), scenes.facts(waits="timeout")) == 0.5


def test_a_timeout_from_elsewhere_needs_a_measurement() -> None:
    """Of `wait(self.interval)` the source tells nothing."""
    here = loop("self.event.wait(self.interval)")
    zero = Variable(behaviour="constant", types=("int",), text="0")
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"self.interval": zero})) > 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(waits="timeout", called=("wait",))) == 0.5
    assert scenes.judged(CAUSE, here, scenes.facts(waits="timeout", called=("read",))) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(waits="never")) == 0


def test_milliseconds_are_measured_as_such() -> None:
    """poll(0.9) of a poll object is next to nothing, poll(0.9) of an epoll is not."""
    seen = {"timeout": Variable(behaviour="constant", types=("float",), text="0.9")}
    assert scenes.judged(CAUSE, loop("self.poller.poll(timeout)"), scenes.facts(variables=seen)) > 0.9
    assert scenes.judged(CAUSE, loop("self.epoll.poll(timeout)"), scenes.facts(variables=seen)) == 0


def test_negative_means_without_end_to_some() -> None:
    """poll(-1) waits for ever."""
    seen = {"timeout": Variable(behaviour="constant", types=("int",), text="-1")}
    assert scenes.judged(CAUSE, loop("self.poller.poll(timeout)"), scenes.facts(variables=seen)) == 0
    assert CAUSE.find(loop("self.poller.poll(-1)")) is None


@pytest.mark.parametrize(
    "body",
    [
        "self.event.wait(1)",
        "self.event.wait()",
        "self.poller.poll()",
        "self.poller.poll(1000)",
        "self.poller.poll(None)",
        "select.select([self.sock], [], [], 30)",
        "select.select([self.sock], [], [])",
        "self.queue.get()",
        "self.queue.get(timeout=5)",
        "conf.get('timeout', 0)",
        "conf.get(key, deadline - 1)",
        "', '.join(missing - found)",
        "', '.join(self.wait_names)",
        "asyncio.wait(pending - done)",
        "wait(pending - done)",
        "self.lock.acquire(True, -1)",
        "time.sleep(0)",
        "time.sleep(0.1)",
        "self.sock.settimeout(None)",
        "self.event.wait(*args)",
        "self.event.wait(**options)",
        "self.log.info('left', deadline - time.time())",
    ],
)
def test_silent_without_a_timeout_that_can_be_nothing(body: str) -> None:
    """Real timeouts, none at all, defaults of a dict, differences of sets, a plain `sleep(0)`."""
    assert CAUSE.find(loop(body)) is None


def test_silent_outside_a_loop() -> None:
    """A single wait is over once."""
    assert CAUSE.find(scenes.scene("event.wait(0)  # hot")) is None


@pytest.mark.parametrize(
    "contradiction",
    [
        {"waits": "settled"},
        {"waits": "io"},
        {"lines": frozenset({4, 9})},
        {"bytes_per_second": 1e6},
        {"variables": {"item": Variable(behaviour="changing", types=("dict",))}},
    ],
)
def test_silent_where_the_facts_contradict(contradiction: dict[str, object]) -> None:
    """A wait for something else, payload that is moved, items that are new."""
    here = scenes.scene(
        WORKER.replace("condition.wait", "condition.acquire").replace("(timeout)", "(True, timeout)")
    )
    measured: dict[str, object] = {"waits": "timeout"}
    assert scenes.judged(CAUSE, here, scenes.facts(**measured)) == 0.8  # type: ignore[arg-type] # fields
    assert scenes.judged(CAUSE, here, scenes.facts(**measured | contradiction)) == 0  # type: ignore[arg-type] # fields


def test_a_wait_that_is_over_by_time_looks_like_one_that_is_over() -> None:
    """A select without a result, and a future that is cancelled at once: less certain, but not acquitted."""
    assert 0.5 < scenes.judged(CAUSE, loop("sel.select(end - time.time())"), scenes.facts(waits="io")) < 0.6
    assert (
        0.5
        < scenes.judged(CAUSE, loop("asyncio.wait(tasks, timeout=end - now)"), scenes.facts(waits="settled"))
        < 0.6
    )


def test_an_exception_that_says_so() -> None:
    """Where a wait's time is over on turn after turn, it was never much."""
    here = loop("await asyncio.wait_for(self.read(), end - time.time())")
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", raised=("TimeoutError",))) == 0.8


def test_a_wait_without_a_timeout_is_acquitted() -> None:
    """A variable that is measured to be None."""
    none = Variable(behaviour="empty", types=("NoneType",), text="None")
    assert (
        scenes.judged(CAUSE, scenes.scene(WORKER), scenes.facts(waits="timeout", variables={"timeout": none}))
        == 0
    )


def test_silent_in_the_standard_library() -> None:
    """A queue waits for what its user's timeout leaves: the user's line is at fault."""
    here = scenes.scene(WORKER, file="/usr/lib/python3.12/queue.py")
    assert CAUSE.find(here) is None
