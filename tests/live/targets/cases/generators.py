"""A pipeline of generators that is always busy."""

import itertools

import lifetime

lifetime.begin()


def numbers():
    yield from itertools.cycle(range(1000))


def squares(source):
    for number in source:
        yield number * number


def batches(source, size):
    while batch := list(itertools.islice(source, size)):
        yield batch


def main():
    total = 0
    lifetime.ready()
    for batch in batches(squares(numbers()), 100):
        total = (total + sum(batch)) % 1_000_003
    return total


main()
