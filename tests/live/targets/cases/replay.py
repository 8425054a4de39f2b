"""Replays recorded measurements to a display, over and over."""

import time

import lifetime

FIXED = lifetime.begin()


class Display:
    def __init__(self):
        self.shown = 0

    def show(self, value):
        self.shown += value


def recorded():
    for number in range(1000):
        yield number % 10


def replay(display, make):
    values = make()
    while display.shown >= 0:
        if FIXED:
            values = make()
            time.sleep(0.5)
        for value in values:
            display.show(value)


lifetime.ready()
replay(Display(), recorded)
