"""Parses a log text into counts, line by line."""

import collections

import lifetime

lifetime.begin()
LINES = [
    "%d.%d.%d.%d - GET /%d HTTP/1.1 %d" % (n % 9, n % 7, n % 5, n % 3, n % 11, (200, 404)[n % 2])
    for n in range(20000)
]


def parse(lines):
    counts = collections.Counter()
    for line in lines:
        address, _, method, path, *_, status = line.split(" ")
        counts[(path, status)] += 1
    return counts


lifetime.ready()
while True:
    parse(LINES)
