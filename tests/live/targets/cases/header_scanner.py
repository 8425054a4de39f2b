"""Scans headers of a message in which one line has no colon."""

import time

import lifetime

FIXED = lifetime.begin()
TEXT = "Host: a\nAccept: */*\nthis line is broken\nDate: today\n"


def scan(text):
    headers, position = {}, 0
    while position < len(text):
        end = text.find("\n", position)
        name, colon, value = text[position:end].partition(":")
        if colon:
            headers[name] = value.strip()
            position = end + 1
        elif FIXED:
            position = end + 1
    return headers


lifetime.ready()
scan(TEXT)
time.sleep(3600)
