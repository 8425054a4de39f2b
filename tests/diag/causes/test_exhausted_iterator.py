"""HL007: an outer loop begins an iteration again that has nothing more to give."""

import textwrap

import pytest
import scenes

from diag.causes.cause import Scene, Variable
from diag.causes.exhausted_iterator import CAUSE

FAULTY = {
    "a stream": """
        while True:
            async for line in stream:
                handle(line)
    """,
    "a file": """
        with open(path) as file:
            while not self.stopped:
                for line in file:
                    handle(line)
    """,
    "a generator": """
        rows = (parse(line) for line in text)
        while True:
            for row in rows:
                handle(row)
            self.commit()
    """,
    "a generator function": """
        events = read_events(device)
        while True:
            for event in events:
                handle(event)
    """,
    "a child's output": """
        while process.poll() is None:
            for line in process.stdout:
                print(line)
    """,
    "next with a default": """
        source = iter(items)
        while True:
            item = next(source, None)
            if item is None:
                continue
            handle(item)
    """,
    "anext with a default": """
        while True:
            message = await anext(messages, None)
            if message:
                handle(message)
    """,
    "a response": """
        while self.running:
            async for chunk in response.content.iter_chunked(1024):
                self.feed(chunk)
    """,
    "a numbered stream": """
        while True:
            for number, line in enumerate(sys.stdin):
                handle(number, line)
            await asyncio.sleep(0)
    """,
    "an empty list": """
        while True:
            for task in self.tasks:
                task.poll()
    """,
}

SILENT = {
    "made anew": """
        while True:
            stream = await connect()
            async for line in stream:
                handle(line)
    """,
    "made in the head": """
        while True:
            for line in open(path):
                handle(line)
    """,
    "left after it": """
        while True:
            async for line in stream:
                handle(line)
            return
    """,
    "left if there was nothing": """
        while True:
            for line in file:
                handle(line)
                break
            else:
                return
    """,
    "left at the end": """
        source = iter(items)
        while True:
            item = next(source, None)
            if item is None:
                break
            handle(item)
    """,
    "a pause": """
        with open(path) as file:
            while True:
                for line in file:
                    handle(line)
                time.sleep(1)
    """,
    "something else to wait for": """
        while True:
            message = await queue.get()
            for handler in self.handlers:
                handler(message)
    """,
    "something else to do": """
        while True:
            self.receive()
            for listener in self.listeners:
                listener()
    """,
    "a for around": """
        for name in names:
            for row in rows:
                handle(name, row)
    """,
    "no default": """
        source = iter(items)
        while True:
            handle(next(source))
    """,
    "the items are used up": """
        while self.tasks:
            for task in list(self.tasks):
                task.poll()
    """,
}


def within(body: str, hot: str = "while") -> Scene:
    """Make a scene of a coroutine with a body, at its outer loop."""
    lines = textwrap.dedent(body).strip("\n").splitlines()
    at = next((at for at, line in enumerate(lines) if line.strip().startswith(hot)), 0)
    lines[at] += "  # hot"
    head = "async def run(self, *given):\n"
    more = "\ndef read_events(device):\n    yield from device\n"
    return scenes.scene(head + textwrap.indent("\n".join(lines), "    ") + "\n" + more)


@pytest.mark.parametrize("body", FAULTY.values(), ids=FAULTY)
def test_an_iteration_begun_again(body: str) -> None:
    """It is found in the source, and supported where its head is what is seen."""
    here = within(body)
    match = scenes.found(CAUSE, here)
    assert here.line in match.lines
    assert scenes.judged(CAUSE, here, scenes.facts(waits="never", lines=frozenset(match.lines))) == 0.75


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_look_alikes_are_silent(body: str) -> None:
    """An iterator made anew, a way out, a pause or other work: no fault."""
    assert CAUSE.find(within(body, "for" if "names" in body else "while")) is None


def test_lines_are_named() -> None:
    """The iteration and the loop around it."""
    match = scenes.found(CAUSE, within(FAULTY["a stream"]))
    assert (match.line, match.lines) == (3, (2, 3))
    assert match.message == (
        "the `async for` of line 3 goes over `stream`, which is made outside the `while True` of line 2: once it has nothing more "
        "to give, each turn begins it again and is over at once"
    )


def test_a_body_that_runs_refutes_it() -> None:
    """Where lines of the inner loop's body are seen, there is something to iterate over."""
    here = within(FAULTY["a stream"])
    assert scenes.found(CAUSE, here).idle == (4,)
    assert scenes.judged(CAUSE, here, scenes.facts(lines=frozenset({2, 3}))) == 0.75
    assert scenes.judged(CAUSE, here, scenes.facts(lines=frozenset({2, 3, 4}))) == 0.0


def test_what_was_measured_decides() -> None:
    """Fresh items, I/O and moved payload refute it; an empty collection confirms it, a full one refutes."""
    here = within(FAULTY["a stream"])
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"line": "changing"})) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"line": "constant"})) == 0.75
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io")) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts(bytes_per_second=1e8)) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts(lines=frozenset({here.line}))) == 0.4
    assert scenes.judged(CAUSE, here) == 0.0
    here = within(FAULTY["an empty list"])
    full = Variable(behaviour="constant", types=("list",))
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"self.tasks": "empty"})) == 0.95
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"self.tasks": full})) == 0.0
