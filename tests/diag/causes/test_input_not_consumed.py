"""HL016: a loop over leftover input, and a call that leaves all of it."""

import textwrap

import pytest
import scenes

from diag.causes.cause import Scene, Variable
from diag.causes.input_not_consumed import CAUSE

FAULTY = {
    "what a decompressor leaves": (
        "data",
        """
        while data:
            plain = self.inflater.decompress(data, 4096)
            if plain:
                await self.sink(plain)
            data = self.inflater.unconsumed_tail
        """,
    ),
    "what a parser leaves": (
        "data",
        """
        while data:
            data = parser.feed(data)
        """,
    ),
    "a message and the rest": (
        "self.buffer",
        """
        while self.buffer:
            message, self.buffer = decode(self.buffer)
            if message is not None:
                self.handle(message)
        """,
    ),
    "cut by what was taken": (
        "buffer",
        """
        while len(buffer) > 0:
            taken = self.parse(buffer)
            buffer = buffer[taken:]
        """,
    ),
    "deleted by what was taken": (
        "buffer",
        """
        while len(buffer) >= 4:
            size = consume(buffer)
            del buffer[:size]
        """,
    ),
    "a position": (
        "pos",
        """
        while pos < len(text):
            token, length = match(text, pos)
            tokens.append(token)
            pos += length
        """,
    ),
    "what is left to send": (
        "left",
        """
        while left > 0:
            sent = send(view, left)
            left -= sent
        """,
    ),
    "a method that uses it up": (
        "self.pending",
        """
        while self.pending:
            self.flush()
        """,
    ),
    "a test inside": (
        "data",
        """
        while True:
            if not data:
                break
            data = self.take(data)
        """,
    ),
}

SILENT = {
    "cut by a constant": """
        while data:
            handle(data)
            data = data[1:]
    """,
    "a counter": """
        while pos < len(text):
            handle(text, pos)
            pos += 1
    """,
    "taken one by one": """
        while items:
            handle(items.pop())
    """,
    "a read": """
        while data:
            data = sock.recv(100)
    """,
    "left when nothing was taken": """
        while buffer:
            taken = self.parse(buffer)
            if not taken:
                break
            buffer = buffer[taken:]
    """,
    "an error when nothing was taken": """
        while buffer:
            taken = self.parse(buffer)
            if taken == 0:
                raise ValueError("stuck")
            del buffer[:taken]
    """,
    "an error when the rest is what there was": """
        while data:
            plain = self.inflater.decompress(data)
            if not plain and self.inflater.unconsumed_tail == data:
                raise ValueError("trailing bytes")
            data = self.inflater.unconsumed_tail
    """,
    "an echo": """
        while data:
            stream.send(data)
            data = stream.recv(100)
    """,
    "a flag": """
        while not self.stopped:
            self.step()
    """,
    "a for": """
        for chunk in chunks:
            data = parse(data)
    """,
}


def within(body: str) -> Scene:
    """Make a scene of a method with a body, at its loop."""
    lines = textwrap.dedent(body).strip("\n").splitlines()
    lines[0] += "  # hot"
    method = "    async def run(self, data, *given):\n" + textwrap.indent("\n".join(lines), "        ")
    more = "    def flush(self):\n        self.pending = self.write(self.pending)\n"
    return scenes.scene(f"class Stream:\n{method}\n\n{more}")


@pytest.mark.parametrize(("name", "body"), FAULTY.values(), ids=FAULTY)
def test_input_that_stays(name: str, body: str) -> None:
    """It is found in the source, and stated where the input is seen to be the same at all looks."""
    here = within(body)
    match = scenes.found(CAUSE, here)
    assert match.names[0] == name
    assert f"`{name}`" in match.message
    same = Variable(behaviour="constant", types=("int" if name in {"pos", "left"} else "bytes",), text="1")
    assert scenes.judged(CAUSE, here, scenes.facts(variables={name: same})) == 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(variables={name: "changing"})) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts(variables={name: "empty"})) == 0.0
    assert scenes.judged(CAUSE, here) == 0.0


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_look_alikes_are_silent(body: str) -> None:
    """What moves on by itself, or notices that nothing was taken, is no fault."""
    assert CAUSE.find(within(body)) is None


def test_lines_are_named() -> None:
    """The loop, and the line that need not make its input less."""
    match = scenes.found(CAUSE, within(FAULTY["what a decompressor leaves"][1]))
    assert (match.line, match.lines) == (7, (3, 7))
    assert match.message == (
        "the `while` of line 3 goes on as long as `data` is not through, and line 7 need not make it less: where nothing is "
        "taken, every turn sees the same input"
    )


def test_what_was_measured_decides() -> None:
    """A count that varies, one long call, I/O or a flag refute it."""
    here = within(FAULTY["cut by what was taken"][1])
    same = Variable(behaviour="constant", types=("bytes",), text="b'x'")
    known = {"buffer": same, "taken": Variable(behaviour="empty", types=("int",), text="0")}
    assert scenes.judged(CAUSE, here, scenes.facts(variables=known)) == 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(variables=known | {"taken": "changing"})) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts(variables=known, held=2.5)) == 0.0
    assert scenes.judged(CAUSE, here, scenes.facts(variables=known, waits="io")) == 0.0
    flag = Variable(behaviour="constant", types=("bool",), text="True")
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"buffer": flag})) == 0.0
    odd = Variable(behaviour="constant", types=("Packet",))
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"buffer": odd})) == 0.5
