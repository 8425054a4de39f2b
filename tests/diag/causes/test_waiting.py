"""Which calls wait."""

import pytest
import scenes

from diag.causes.calls import calls
from diag.causes.waiting import PAUSE, VARIABLE, WORK, ZERO, Waiting
from diag.source import own_nodes


def kind(call: str, before: str = "") -> str:
    """Give what the last call of a function does."""
    here = scenes.module(f"import gevent\n{before}\nasync def f(self, delay):\n    return {call}\n")
    function = here.functions[-1]
    return Waiting(here, function).kind(next(calls(own_nodes(function.node))))


@pytest.mark.parametrize(
    "call",
    [
        *("sleep(1)", "time.sleep(0.01)", "asyncio.sleep(delay=2)", "event.wait()", "event.wait(timeout=5)"),
        *(
            "queue.get()",
            "self.queue.get()",
            "q.get(timeout=1)",
            "self.inbox.get(True, 5)",
            "jobs.get(block=True)",
        ),
        *("thread.join()", "thread.join(5)", "thread.join(timeout=t)", "lock.acquire()", "sock.accept()"),
        *(
            "select.select([a], [], [], 1)",
            "select.select([a], [], [])",
            "selector.select()",
            "selector.select(None)",
        ),
        *(
            "poller.poll()",
            "consumer.poll(1.0)",
            "conn.poll(timeout)",
            "asyncio.wait(tasks)",
            "self._backoff()",
        ),
        *(
            "condition.wait_for(ready)",
            "server.wait_closed()",
            "signal.pause()",
            "redis.blpop('jobs')",
            "input()",
        ),
        *(
            "self.wait_until_ready()",
            "rate_limit()",
            "os.waitpid(pid, 0)",
            "asyncio.sleep(3600)",
            "process.communicate()",
        ),
    ],
)
def test_waits(call: str) -> None:
    """For time, or for something to come."""
    assert kind(call) == PAUSE


@pytest.mark.parametrize(
    "call",
    [
        *(
            "q.get(block=False)",
            "q.get(False)",
            "q.get(timeout=0)",
            "event.wait(0)",
            "thread.join(0)",
            "lock.acquire(False)",
        ),
        *(
            "lock.acquire(blocking=False)",
            "select.select([a], [], [], 0)",
            "selector.select(0)",
            "player.play()",
        ),
        *(
            "', '.join(parts)",
            "os.path.join(a, b)",
            "sep.join(parts)",
            "session.get(url)",
            "conf.get('key', None)",
        ),
        *(
            "os.waitpid(pid, os.WNOHANG)",
            "sock.recv(4096, socket.MSG_DONTWAIT)",
            "task.delay(1)",
            "player.pause()",
        ),
        *("asyncio.wait_for(self.read(), 5)", "self.step()", "ws.recv()"),
    ],
)
def test_does_not_wait(call: str) -> None:
    """Arguments can forbid it, and many functions share a name with one that waits."""
    assert kind(call) == WORK


@pytest.mark.parametrize(
    "call",
    [
        *(
            "asyncio.sleep(0)",
            "sleep(0.0)",
            "sleep(-1)",
            "sleep(1e-6)",
            "trio.lowlevel.checkpoint()",
            "gevent.sleep()",
        ),
        *("os.sched_yield()", "time.sleep(0)", "asyncio.sleep(delay=0)"),
    ],
)
def test_gives_way(call: str) -> None:
    """A zero sleep lets others run once."""
    assert kind(call) == ZERO


def test_the_length_of_a_sleep_by_the_source() -> None:
    """A name counts where all its assignments in the source say the same; a parameter can be anything."""
    assert kind("sleep(POLL)", "POLL = 0") == ZERO
    assert kind("sleep(POLL)", "POLL = 5") == PAUSE
    assert kind("sleep(POLL)", "POLL = 5\nPOLL = 0") == VARIABLE
    assert kind("sleep(delay)", "delay = 0") == VARIABLE
    assert kind("sleep(max(0, delay))") == VARIABLE
    assert kind("sleep(1 / 1000)") == PAUSE


@pytest.mark.parametrize(
    "call",
    [
        "len(x)",
        "log.info('x')",
        "time.monotonic()",
        "event.is_set()",
        "print(x)",
        "p.poll()",
        "consumer.poll(timeout_ms=0)",
    ],
)
def test_questions_clocks_and_logging_do_nothing(call: str) -> None:
    """They neither wait nor bring a loop on."""
    assert kind(call) == ""


def test_a_function_of_the_module_that_pauses() -> None:
    """One step is followed."""
    assert kind("idle()", "def idle():\n    time.sleep(1)") == PAUSE
    assert kind("idle()", "def idle():\n    time.sleep(0)") == WORK
    assert kind("idle()", "def idle():\n    pass") == WORK
