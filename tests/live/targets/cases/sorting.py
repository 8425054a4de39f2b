"""Sorts shuffled numbers."""

import random

import lifetime

lifetime.begin()


def main():
    numbers = list(range(50000))
    lifetime.ready()
    while True:
        random.shuffle(numbers)
        numbers.sort()


main()
