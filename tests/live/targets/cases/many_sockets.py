"""Looks after a hundred sockets with a timeout of fifty milliseconds."""

import selectors
import socket

import lifetime

lifetime.begin()
selector = selectors.DefaultSelector()
pairs = [socket.socketpair() for _ in range(100)]
for ours, _ in pairs:
    selector.register(ours, selectors.EVENT_READ)
turns = 0
lifetime.ready()
while True:
    pairs[turns % 100][1].send(b"beat")
    for key, _ in selector.select(timeout=0.05):
        key.fileobj.recv(16)
    turns += 1
    selector.select(timeout=0.05)
