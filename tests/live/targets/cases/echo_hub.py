"""A hub that hands every message to all others; one member leaves."""

import selectors
import socket

import lifetime

FIXED = lifetime.begin()
selector = selectors.DefaultSelector()
members = []


def join():
    ours, theirs = socket.socketpair()
    members.append(theirs)
    selector.register(ours, selectors.EVENT_READ)
    return ours


def serve():
    while True:
        for key, _ in selector.select():
            message = key.fileobj.recv(1024)
            if message:
                for other in members:
                    if other.fileno() >= 0:
                        other.send(message)
            elif FIXED:
                selector.unregister(key.fileobj)


connections = [join() for _ in range(3)]
members[0].close()
lifetime.ready()
serve()
