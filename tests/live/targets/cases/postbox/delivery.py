"""Delivers letters from a box, logging each attempt through a decorator."""

import collections
import functools
import time


def counted(function):
    calls = collections.Counter()

    @functools.wraps(function)
    def wrapper(*arguments):
        calls[function.__name__] += 1
        return function(*arguments)

    return wrapper


class Delivery:
    def __init__(self, fixed):
        self.fixed = fixed
        self.box = collections.deque(["letter"])
        self.delivered = []

    @counted
    def take(self):
        return self.box.popleft() if self.box else None

    def run(self):
        while len(self.delivered) < 100:
            letter = self.take()
            if letter is not None:
                self.delivered.append(letter)
            elif self.fixed:
                time.sleep(0.2)
