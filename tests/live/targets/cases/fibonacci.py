"""Computes Fibonacci numbers by recursion."""

import lifetime

lifetime.begin()


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


lifetime.ready()
while True:
    fib(27)
