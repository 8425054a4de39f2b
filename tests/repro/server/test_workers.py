"""Tests of several processes on one port."""

import socket

import pytest

from repro.server.workers import Kind, Worker, choose


def workers(*counts: tuple[int, int]) -> list[Worker]:
    """Make workers that have views and other connections."""
    made = []
    for pid, (views, others) in enumerate(counts):
        ours, theirs = socket.socketpair()
        ours.close()
        theirs.close()
        made.append(Worker(pid, ours, views, others))
    return made


@pytest.mark.parametrize(
    ("request_line", "kind"),
    [
        (b"GET /logs/buggy/default/pod HTTP/1.1\r\n", Kind.VIEW),
        (b"GET /healthz HTTP/1.1\r\n", Kind.OTHER),
        (b"GET /metrics HTTP/1.1\r\n", Kind.METRICS),
        (b"GET /metricsx HTTP/1.1\r\n", Kind.OTHER),
        (b"", Kind.OTHER),
    ],
)
def test_a_connection_is_known_by_its_first_request(request_line: bytes, kind: Kind) -> None:
    """The beginning of the request line tells what a connection is for."""
    assert Kind.of(request_line) is kind


def test_views_are_spread_evenly_whatever_else_is_open() -> None:
    """25 views on 25 workers are one each, with a health probe open somewhere."""
    made = workers(*(25 * [(0, 0)]))
    made[3].others = 1
    for _ in made:
        choose(made, Kind.VIEW).count(Kind.VIEW, +1)
    assert [worker.views for worker in made] == 25 * [1]


def test_a_view_goes_where_the_fewest_are() -> None:
    """When one has ended, its worker gets the next."""
    made = workers((1, 0), (1, 0), (0, 5))
    assert choose(made, Kind.VIEW).pid == 2
    made[1].count(Kind.VIEW, -1)
    assert choose(made, Kind.VIEW).pid == 1


def test_other_connections_avoid_busy_workers() -> None:
    """A health probe goes to a worker without views as long as there is one."""
    assert choose(workers((1, 0), (0, 0), (1, 0)), Kind.OTHER).pid == 1
