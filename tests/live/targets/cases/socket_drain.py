"""Drains a socket that a thread fills with constant bytes."""

import socket
import threading

import lifetime

lifetime.begin()


def fill(connection):
    while True:
        connection.sendall(b"\0" * 8192)


def drain(connection):
    total = 0
    while True:
        data = connection.recv(8192)
        if not data:
            return total
        total += len(data)


ours, theirs = socket.socketpair()
threading.Thread(target=fill, args=(theirs,), daemon=True).start()
lifetime.ready()
drain(ours)
