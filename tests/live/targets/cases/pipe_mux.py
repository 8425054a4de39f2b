"""Reads several pipes by epoll; one writer has gone."""

import os
import select

import lifetime

FIXED = lifetime.begin()
collected = {}


def mux(pipes):
    poller = select.epoll()
    for pipe in pipes:
        poller.register(pipe, select.EPOLLIN)
    while True:
        for descriptor, events in poller.poll(5):
            if events & select.EPOLLIN:
                collected[descriptor] = os.read(descriptor, 4096)
            elif FIXED and events & select.EPOLLHUP:
                poller.unregister(descriptor)


ends = [os.pipe() for _ in range(3)]
os.write(ends[0][1], b"partial")
os.close(ends[0][1])
lifetime.ready()
mux([first for first, _ in ends])
