"""Draws the Mandelbrot set again and again, with fixed-point integers only."""

import lifetime

lifetime.begin()
ONE = 1 << 20


def depth(a, b):
    x = y = steps = 0
    while x * x + y * y < 4 * ONE * ONE and steps < 200:
        x, y = (x * x - y * y) // ONE + a, 2 * x * y // ONE + b
        steps += 1
    return steps


def draw(size):
    return [
        depth(-2 * ONE + 3 * ONE * i // size, -ONE + 2 * ONE * j // size)
        for i in range(size)
        for j in range(size)
    ]


lifetime.ready()
while True:
    draw(80)
