"""HL010: a task that is cancelled goes on, and is cancelled again and again."""

from typing import Any

import pytest
import scenes

from diag.causes.cancellation_swallowed import CAUSE
from diag.causes.catalogue import search
from diag.causes.cause import Behaviour, Variable

GROUP = """
import asyncio
from asyncio import CancelledError

class Group:
    async def __aexit__(self, *raised):
        pending = None
        while self.tasks:
            try:
                await asyncio.wait(self.tasks)  # hot
            except CancelledError as error:
                self.scope.cancel()
                pending = pending or error
        return pending is None
"""

SCOPE = """
import asyncio

class Scope:
    def deliver(self, origin):
        again = False
        for task in self.tasks:
            again = True
            task.cancel()  # hot
        if again:
            self.handle = asyncio.get_running_loop().call_soon(self.deliver, origin)
        return again
"""

DEAF = {
    "pass": """
        async def run(self):
            while True:
                try:
                    await self.task  # hot
                except asyncio.CancelledError:
                    pass
    """,
    "continue": """
        async def run(self):
            while self.running:
                try:
                    item = await self.queue.get()  # hot
                except asyncio.CancelledError:
                    log.info("not now")
                    continue
                handle(item)
    """,
    "bare except": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except:
                    log.exception("again")
    """,
    "BaseException": """
        async def run(self):
            while True:
                try:
                    await asyncio.sleep(1)  # hot
                except BaseException as error:
                    print(error)
    """,
    "suppress": """
        async def run(self):
            while not self.task.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await self.task  # hot
    """,
    "with others": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except (OSError, asyncio.CancelledError):
                    continue
    """,
    "trio": """
        async def run(self):
            while True:
                try:
                    await trio.sleep(1)  # hot
                except trio.Cancelled:
                    pass
    """,
    "anyio": """
        class Reader:
            async def run(self):
                while True:
                    try:
                        items.append(await self.channel.receive())  # hot
                    except anyio.get_cancelled_exc_class():
                        pass
                    except anyio.EndOfStream:
                        return
    """,
    "an async for": """
        async def run(self):
            while True:
                try:
                    async for message in self.stream:
                        handle(message)
                except asyncio.CancelledError:  # hot
                    pass
    """,
    "re-raised in one case only": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except asyncio.CancelledError:
                    if self.closing:
                        raise
    """,
    "shielded": """
        async def run(self):
            while True:
                try:
                    await asyncio.shield(self.flush())  # hot
                    break
                except asyncio.CancelledError:
                    self.cancelled = True
    """,
}

INSISTING = {
    "until it is done": """
        async def stop(task):
            while not task.done():
                task.cancel()  # hot
                await asyncio.sleep(0)
    """,
    "until none is left": """
        async def stop(self):
            while self.tasks:  # hot
                for task in self.tasks:
                    task.cancel()
                await asyncio.sleep(0)
    """,
    "without giving way": """
        def stop(future):
            while not future.done():
                future.cancel()  # hot
    """,
}

SILENT = {
    "re-raised": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except asyncio.CancelledError:
                    self.close()
                    raise
    """,
    "break": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except asyncio.CancelledError:
                    break
    """,
    "return": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except asyncio.CancelledError:
                    return
    """,
    "Exception does not catch it": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except Exception:
                    log.exception("again")
    """,
    "let out before a broad handler": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except asyncio.CancelledError:
                    raise
                except BaseException:
                    log.exception("again")
    """,
    "nothing is awaited in the try": """
        async def run(self):
            while True:
                try:
                    self.step()  # hot
                except BaseException:
                    log.exception("again")
                await self.changed.wait()
    """,
    "around the loop": """
        async def run(self):
            try:
                while True:
                    await self.step()  # hot
            except asyncio.CancelledError:
                pass
    """,
    "cancels each once and waits": """
        async def stop(tasks):
            for task in tasks:
                task.cancel()  # hot
                with suppress(asyncio.CancelledError):
                    await task
    """,
    "cancels and waits for the end": """
        async def stop(task):
            while not task.done():
                task.cancel()  # hot
                await asyncio.wait([task], timeout=1)
    """,
    "cancels one after the other": """
        def stop(self):
            while self.queue:
                task = self.queue.popleft()
                task.cancel()  # hot
    """,
    "cancels, then sleeps": """
        async def stop(task):
            while not task.done():
                task.cancel()  # hot
                await asyncio.sleep(0.1)
    """,
    "pauses afterwards": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except asyncio.CancelledError:
                    log.info("skipped")
                await self.gate.wait()
    """,
    "cancels without coming back": """
        class Scope:
            def cancel_all(self):
                for task in self.tasks:
                    task.cancel()  # hot
                self.loop.call_soon(self.report)
    """,
}


@pytest.mark.parametrize("text", DEAF.values(), ids=DEAF)
def test_loops_that_go_on_when_cancelled_are_found(text: str) -> None:
    """The pattern is found, and holds where a cancellation is in flight; without one it does not."""
    here = scenes.scene(text)
    spin = frozenset({"spin"})
    assert (
        scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, raised=("asyncio.exceptions.CancelledError",)))
        > 0.9
    )
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, waits="nothing", raised=("OSError",))) == 0


@pytest.mark.parametrize("text", INSISTING.values(), ids=INSISTING)
def test_loops_that_cancel_on_every_turn_are_found(text: str) -> None:
    """The pattern is found, and holds where the loop waits for nothing."""
    here = scenes.scene(text)
    spin = frozenset({"spin"})
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, waits="nothing")) > 0.7
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, waits="io")) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"healthy"}), waits="nothing")) == 0


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where the cancellation gets out, or what is cancelled is waited for."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_message_names_the_wait_and_the_handler() -> None:
    """What is cancelled and what swallows it stand with their lines."""
    match = scenes.found(CAUSE, scenes.scene(GROUP))
    assert (match.line, match.lines) == (10, (7, 9, 10, 11, 12))
    assert match.message == (
        "The loop of lines 7-12 waits for `asyncio.wait(self.tasks)` in line 9 and goes on when it is cancelled there: "
        "`except CancelledError` in line 10 swallows the cancellation, and the next one comes at once."
    )


def test_a_callback_that_delivers_cancellations_supports() -> None:
    """A scope that cancels its task on every turn is seen in the event loop's queue."""
    callbacks = ("CancelScope._deliver_cancellation",)
    assert scenes.judged(CAUSE, scenes.scene(GROUP), scenes.facts(callbacks=callbacks)) > 0.9


def test_a_callback_that_cancels_and_comes_back() -> None:
    """The other end of it: the callback that cancels and reschedules itself."""
    here = scenes.scene(SCOPE)
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (8, (8, 10))
    assert "puts itself back into the event loop's queue" in match.message
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Scope.deliver",))) > 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Timer.tick",))) == 0


RETRIEVER = """
async def retrieve(number, found):
    while number not in found:
        try:
            await trio.sleep(3600)  # hot
            found[number] = await page(number)
        except BaseException:
            continue
"""

STILL: dict[str, Behaviour | Variable] = {"number": "constant", "found": "empty"}


@pytest.mark.parametrize("raised", [(), ("Error",), ("Cancelled",)])
def test_a_wait_that_is_over_at_once_was_cancelled(raised: tuple[str, ...]) -> None:
    """By the source the loop waits, and it was seen not to, with nothing new: in flight a cancellation is seldom seen."""
    here = scenes.scene(RETRIEVER)
    below = ("sleep", "sleep_until", "CancelScope.__enter__")
    for waits in ("unknown", "nothing"):
        assert (
            scenes.judged(
                CAUSE, here, scenes.facts(called=below, waits=waits, raised=raised, variables=STILL)
            )
            >= 0.8
        )


@pytest.mark.parametrize(
    "other",
    [
        {"waits": "io"},
        {"raised": ("OSError",)},
        {"called": ("page",)},
        {"variables": {"found": Variable(behaviour="changing", types=("dict",))}},
        {"variables": {}},
        {"bytes_per_second": 4e6},
        {"connections_per_second": 20.0},
    ],
)
def test_a_loop_that_waits_or_works_is_not_cancelled(other: dict[str, Any]) -> None:
    """Another wait, failure, function, new data, payload and connections each speak against it."""
    measured: dict[str, Any] = {"called": ("sleep",), "waits": "unknown", "variables": STILL, **other}
    assert scenes.judged(CAUSE, scenes.scene(RETRIEVER), scenes.facts(**measured)) == 0


def test_what_waits_for_data_must_catch_the_cancellation_by_name() -> None:
    """A queue hands out what is there without a wait; only `except Cancelled` tells then that it was no data."""
    text = """
        async def work(self):
            while True:
                try:
                    item = await self.queue.get()  # hot
                except {}:
                    pass
    """
    measured = scenes.facts(called=("Queue.get",), variables={"item": "empty"})
    assert scenes.judged(CAUSE, scenes.scene(text.format("trio.Cancelled")), measured) >= 0.8
    assert scenes.judged(CAUSE, scenes.scene(text.format("BaseException")), measured) == 0


def test_a_zero_sleep_that_is_cancelled_is_not_told_from_one_that_is_not() -> None:
    """It is over at once either way."""
    here = scenes.scene(RETRIEVER.replace("3600", "0"))
    assert scenes.judged(CAUSE, here, scenes.facts(called=("sleep",), waits="nothing", variables=STILL)) == 0


def test_a_swallowed_cancellation_explains_the_callback_that_delivers_it() -> None:
    """The callback that cancels again and again is the other end; nothing is retried in the task either."""
    scope = scenes.facts(
        waits="nothing", on_event_loop=True, callbacks=("Scope.deliver",), raised=("CancelledError",)
    )
    assert [one.code for one in search(scenes.scene(SCOPE), scope)] == ["HL010"]
    reader = scenes.facts(
        waits="nothing", on_event_loop=True, callbacks=("CancelScope._deliver_cancellation",)
    )
    assert [one.code for one in search(scenes.scene(DEAF["anyio"]), reader)] == ["HL010"]


def test_a_cancelled_task_awaited_again() -> None:
    """Awaiting what was cancelled long ago raises at once; that the task is done supports it."""
    here = scenes.scene(DEAF["pass"])
    measured = scenes.facts(verdicts=frozenset({"spin"}), waits="settled", settled=("self.task",))
    assert 0.6 < scenes.judged(CAUSE, here, measured) < 0.8
