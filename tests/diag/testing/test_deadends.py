"""What is at its end for good: nothing to read, and nobody who could write."""

import os
import socket
from collections.abc import Iterator

import pytest

from diag.testing.deadends import at_end


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give two connected sockets."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_socket_whose_other_end_is_closed(pair: tuple[socket.socket, socket.socket]) -> None:
    """Only once what was sent before is read."""
    ours, theirs = pair
    theirs.sendall(b"bye")
    theirs.close()
    assert not at_end(ours.fileno())
    ours.recv(100)
    assert at_end(ours.fileno())


def test_a_socket_that_is_open(pair: tuple[socket.socket, socket.socket]) -> None:
    """Whether there is something to be read or not."""
    ours, theirs = pair
    assert not at_end(ours.fileno())
    theirs.sendall(b"more")
    assert not at_end(ours.fileno())


def test_a_socket_that_listens() -> None:
    """Somebody may come."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not at_end(server.fileno())


def test_a_pipe() -> None:
    """At its end when nobody can write into it."""
    read, write = os.pipe()
    try:
        assert not at_end(read)
        os.close(write)
        assert at_end(read)
    finally:
        os.close(read)
