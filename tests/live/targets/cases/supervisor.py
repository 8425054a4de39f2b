"""Waits for SIGTERM in the main thread while a timer thread does the work."""

import signal
import threading
import time

import lifetime

FIXED = lifetime.begin()
stopping = False
ticks = 0


def on_signal(*_):
    global stopping
    stopping = True


def tick():
    global ticks
    while not stopping:
        ticks += 1
        time.sleep(0.5)


def wait_for_end():
    while not stopping:
        if FIXED:
            signal.pause()


signal.signal(signal.SIGTERM, on_signal)
threading.Thread(target=tick, daemon=True).start()
lifetime.ready()
wait_for_end()
