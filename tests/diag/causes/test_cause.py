"""What a cause is made of."""

import ast

from diag.causes.cause import Facts, node_lines


def test_facts_say_nothing_by_default() -> None:
    """What was not measured must not speak for or against a cause."""
    facts = Facts()
    assert facts.waits == "unknown"
    assert not any((facts.variables, facts.returned, facts.raised, facts.settled, facts.lines))
    assert facts.bytes_per_second is None


def test_lines_are_in_order_and_each_once() -> None:
    """Whatever the order of the nodes."""
    tree = ast.parse("a = 1\nb = 2; c = 3\n")
    assert node_lines(*reversed(tree.body)) == (1, 2)
