"""Whether what was measured says that a read is at its end."""

import dataclasses

from scenes import facts

from diag.causes.cause import Match, Variable
from diag.causes.end_seen import agrees

READ = Match(line=3, lines=(2, 3), message="", names=("read_frame", "msg"))
UNNAMED = dataclasses.replace(READ, names=("read_frame",))
MESSAGE = Variable(behaviour="constant", types=("WSMessage",))


def test_what_is_empty_speaks_for_it_and_what_is_fresh_against() -> None:
    """The variable itself decides, before all else."""
    assert agrees(READ, facts(variables={"msg": "empty"})) == 0.95
    assert agrees(READ, facts(variables={"msg": "changing"}, returned={"read_frame.frame": "empty"})) == 0.0
    assert agrees(READ, facts(variables={"msg": "counting"})) == 0.0
    zero = Variable(behaviour="constant", types=("int",), text="0")
    assert agrees(READ, facts(variables={"msg": zero})) == 0.95


def test_a_result_that_has_no_name_is_known_from_below() -> None:
    """The variables of the function that was called speak where the loop keeps none."""
    assert agrees(UNNAMED, facts(returned={"read_frame.frame": "empty"})) == 0.9
    assert agrees(UNNAMED, facts(returned={"Stream.read_frame.frame": "empty"})) == 0.9
    assert agrees(UNNAMED, facts(returned={"read_frame.frame": "changing"})) == 0.0
    assert agrees(UNNAMED, facts(returned={"other.count": "empty"})) == 0.0
    assert agrees(UNNAMED, facts(returned={"read_frame.timeout": "empty"})) == 0.0


def test_others_below_are_known_by_the_names_of_their_variables() -> None:
    """Only for the hot function itself: below a caller, much else is called."""
    below = facts(returned={"parse.data": "empty"}, lines=frozenset({3}))
    assert agrees(UNNAMED, below) == 0.9
    assert agrees(UNNAMED, dataclasses.replace(below, lines=frozenset())) == 0.0


def test_a_message_that_says_closed() -> None:
    """It counts by the name or the number of its type, or by its class; another constant message does so little."""
    for name, value in {
        "msg.type": Variable(behaviour="constant", types=("int",), text="257"),
        "msg.opcode": Variable(behaviour="constant", types=("Opcode",), text="CLOSE"),
        "msg": Variable(behaviour="constant", types=("WSClosed",)),
        "msg.data": Variable(behaviour="constant", types=("NoneType",), text="None"),
    }.items():
        assert agrees(READ, facts(variables={"msg": MESSAGE, name: value})) == 0.95, name
    assert agrees(READ, facts(variables={"msg": MESSAGE})) == 0.35


def test_a_buffer_that_does_not_grow() -> None:
    """What the result is added to stays the same; it counts only where the result itself is not known."""
    read = dataclasses.replace(READ, names=("recv", "data", "+self.buffer"))
    same = Variable(behaviour="constant", types=("bytes",), text="b'half a'")
    assert agrees(read, facts(variables={"self.buffer": same})) == 0.85
    assert agrees(read, facts(variables={"self.buffer": "changing"})) == 0.0
    assert agrees(read, facts(variables={"self.buffer": same, "data": "changing"})) == 0.0


def test_content_refutes_it() -> None:
    """A value that stays the same but is not empty is no end; nor is anything the end where payload is moved."""
    same = Variable(behaviour="constant", types=("bytes",), text="b'tick'")
    assert agrees(READ, facts(variables={"msg": same})) == 0.0
    assert agrees(READ, facts(variables={"msg": "empty"}, bytes_per_second=1e7)) == 0.0


def test_without_values_it_is_a_guess_at_most() -> None:
    """A hot loop that reads, never suspends and moves nothing is likely at an end; of others nothing is said."""
    hot = facts(waits="never", bytes_per_second=0.0, lines=frozenset({3}))
    assert agrees(READ, hot) == 0.4
    assert agrees(READ, dataclasses.replace(hot, waits="nothing")) == 0.0
    assert agrees(READ, dataclasses.replace(hot, lines=frozenset())) == 0.0
    assert agrees(READ, facts()) == 0.0
