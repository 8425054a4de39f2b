"""The culprit as a diagnosis names it: its lines, their heat, whose code it is, and whether it is still the same."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from made_program import APP, LIBRARY, PACKAGES, Program
from made_recordings import recording

from diag import places
from diag.evidence.looks import Call
from diag.findings import Step
from diag.recording import Recording
from diag.source import Module, parse

APPLICATION = Program("""
    def main(client):
        client.pump()  # call
    class Job:
        def step(self):
            while True:  # head
                self.read()  # read
""")
LIBRARY_FILE = f"{PACKAGES}/wires/client.py"
WIRES = Program("def pump(self):\n    self.wait()  # wait\n", LIBRARY_FILE, "wires 1.2")


def recorded(*, modified: float = 0.0) -> Recording:
    """Make a recording that has both sources, last changed at a time relative to the start of the process."""
    created = recording().target.created
    return recording(
        sources=tuple(
            msgspec.structs.replace(program.source, modified=created + modified)
            for program in (APPLICATION, WIRES)
        )
    )


def modules() -> dict[str, Module]:
    """Parse both sources."""
    found = {program.file: parse(program.text, program.file) for program in (APPLICATION, WIRES)}
    return {file: module for file, module in found.items() if module}


def call(function: str, file: str, line: int) -> Call:
    """Make a call without variables."""
    return Call(function, file, line, 0, {})


STEP = call("step", APP, APPLICATION.line("read"))
MAIN = call("main", APP, APPLICATION.line("call"))
PUMP = call("pump", LIBRARY_FILE, WIRES.line("wait"))


def test_a_call_of_the_users_own() -> None:
    """Its qualified name, the loop around its line, the lines around that; nobody led there but the user."""
    found = places.culprit_at(STEP, [MAIN], recorded(), modules(), 0.93333)
    assert (found.function, found.line, found.loop) == ("Job.step", 6, (5, 6))
    assert (found.share, found.package, found.called_from) == (0.933, "", None)
    assert [line.line for line in found.source] == [2, 3, 4, 5, 6]
    assert found.source[-1].text == "            self.read()  # read"


def test_a_call_in_a_package() -> None:
    """The package with its version, and the user's frame that is nearest."""
    found = places.culprit_at(PUMP, [call("run", APP, 1), MAIN], recorded(), modules(), 1.0)
    assert found.package == "wires 1.2"
    assert found.called_from == Step(file=APP, function="main", line=MAIN.line)
    assert found.loop is None


def test_a_file_that_is_not_known() -> None:
    """The place is named as the frame has it, without lines."""
    found = places.culprit_at(call("Job.spin", "/srv/other.py", 9), [], recorded(), modules(), 0.5)
    assert (found.function, found.line, found.loop, found.source) == ("Job.spin", 9, None, ())
    assert not found.changed


@pytest.mark.parametrize(
    ("modified", "changed"), [(-1000.0, False), (1.0, False), (places.ROUNDING + 1, True), (9000.0, True)]
)
def test_a_source_changed_after_the_start_is_noted(modified: float, changed: bool) -> None:  # noqa: FBT001 - a column
    """Its lines may be off; the start is known to a second or two."""
    found = places.culprit_at(STEP, [], recorded(modified=modified), modules(), 1.0)
    assert found.changed is changed


def test_the_users_frame_is_the_innermost() -> None:
    """Frames of packages and of the interpreter's library are not the user's."""
    library = call("run", f"{LIBRARY}/asyncio/runners.py", 190)
    assert places.user_frame([MAIN, STEP, library, PUMP]) == Step(file=APP, function="step", line=STEP.line)
    assert places.user_frame([library, PUMP, call("<module>", "<frozen runpy>", 1)]) is None
    assert places.user_frame([]) is None


def test_heat_is_a_share_of_the_spans_samples() -> None:
    """Lines around the span are shown, and lines outside have their heat in the same measure."""
    module = parse("\n".join(f"line_{n}" for n in range(1, 21)))
    shown = places.excerpt(module, (10, 12), Counter({10: 6, 12: 2, 19: 50}))
    assert [line.line for line in shown] == list(range(7, 16))
    assert {line.line: line.share for line in shown if line.share} == {10: 0.75, 12: 0.25}
    assert shown[3].text == "line_10"


def test_a_long_loop_is_cut_off() -> None:
    """So many lines are read by nobody; the edges of a file end it as well."""
    module = parse("\n".join("x" for _ in range(500)))
    assert len(places.excerpt(module, (100, 400), Counter())) == places.MOST
    assert [line.line for line in places.excerpt(module, (1, 1), Counter())] == [1, 2, 3, 4]
    assert [line.line for line in places.excerpt(module, (500, 500), Counter())] == [497, 498, 499, 500]
    assert places.excerpt(None, (1, 2), Counter()) == ()


def test_samples_of_a_line_that_moved_do_no_harm() -> None:
    """A file that is shorter now than when it was loaded has no such line."""
    module = parse("x\n")
    assert places.excerpt(module, (90, 95), Counter({91: 3})) == ()


def test_the_sources_are_those_of_the_recording() -> None:
    """Nothing is read from this machine's disk: a path that exists here is as unknown as any other."""
    found = places.culprit_at(call("f", str(Path(__file__)), 3), [], recorded(), {}, 1.0)
    assert found.source == ()
