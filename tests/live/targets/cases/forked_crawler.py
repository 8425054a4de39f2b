"""Crawls with child processes; each takes addresses from a shared queue."""

import multiprocessing
import queue
import time

import lifetime

FIXED = lifetime.begin()


def crawl(addresses, pages):
    lifetime.child()
    while True:
        try:
            address = addresses.get(block=FIXED)
        except queue.Empty:
            continue
        pages.put((address, len(address)))


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    addresses, pages = context.Queue(), context.Queue()
    for number in range(10):
        addresses.put(f"https://example.org/{number}")
    worker = context.Process(target=crawl, args=(addresses, pages), daemon=True)
    worker.start()
    lifetime.ready()
    while True:
        time.sleep(1)
