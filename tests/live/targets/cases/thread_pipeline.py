"""Threads hand items on through a queue."""

import queue
import threading

import lifetime

lifetime.begin()


def produce(items):
    while True:
        items.put("job")


def consume(items):
    done = 0
    while True:
        done += len(items.get())


items = queue.Queue(100)
threading.Thread(target=produce, args=(items,), daemon=True).start()
lifetime.ready()
consume(items)
