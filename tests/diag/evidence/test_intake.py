"""What a loop receives, takes and counts, by its source."""

import pytest
from made_places import READ, place_of

from diag.evidence import intake
from diag.source import parse


def test_what_is_taken_without_a_name() -> None:
    """Where it is handed on at once nobody can see what it was."""
    unseen = place_of(READ.format("keep(stream.recv(9))"))
    assert intake.takes_unseen(unseen.hot, unseen.facts)
    for statement in ("data = stream.recv(9)", "stream.recv(9)", "keep(stream.name)"):
        named = place_of(READ.format(statement))
        assert not intake.takes_unseen(named.hot, named.facts)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("n += 1", {"n"}),
        ("n = n + 1\nn = 0", {"n"}),
        ("n = (n + 1) % 80", {"n"}),
        ("self.n -= 1", {"self.n"}),
        ("n += size", set()),
        ("n = read()", set()),
        ("n += 1\nn = table[n]", set()),
        ("n *= 2", set()),
    ],
)
def test_counters(text: str, names: set[str]) -> None:
    """What adds a measured size, doubles, or is set from elsewhere as well is no counter."""
    module = parse(text)
    assert module is not None
    assert intake.counters(module.functions[0]) == names
