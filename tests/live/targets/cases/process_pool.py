"""A pool of processes that computes sums."""

import multiprocessing

import lifetime

lifetime.begin()


def total(number):
    return sum(range(number * 1000))


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2, lifetime.child) as pool:
        lifetime.ready()
        while True:
            pool.map(total, range(300))
