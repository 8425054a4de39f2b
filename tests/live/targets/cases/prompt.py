"""Waits for a line of input, as an interactive prompt does."""

import os

import lifetime

lifetime.begin()
reading, writing = os.pipe()
lifetime.ready()
with os.fdopen(reading) as prompt:
    prompt.readline()
