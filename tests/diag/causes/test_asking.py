"""What shows that a loop asks another side."""

import scenes

from diag.causes.asking import CHURN, asks, churns


def test_connections_faster_than_a_client_that_pauses() -> None:
    """From the threshold on; what is not known is none."""
    assert churns(scenes.facts(connections_per_second=CHURN))
    assert not churns(scenes.facts(connections_per_second=CHURN - 0.1))
    assert not churns(scenes.facts())


def test_functions_of_clients_below_the_loop() -> None:
    """By the last part of their names, or by names that are given."""
    assert asks(scenes.facts(called=("json.dumps", "HTTPConnectionPool.urlopen")))
    assert not asks(scenes.facts(called=("StreamReader.read",)))
    assert asks(scenes.facts(called=("Watch.stream",)), ("stream",))
