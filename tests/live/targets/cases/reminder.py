"""Reminds users of messages they have not read, with a thread for each message."""

import threading
import time

import lifetime

FIXED = lifetime.begin()
threading.stack_size(128 * 1024)


class Message:
    def __init__(self, text):
        self.text = text
        self.read = threading.Event()


def remind(message):
    while not message.read.wait(60):
        print("unread:", message.text)


def deliver(text):
    message = Message(text)
    threading.Thread(target=remind, args=(message,), daemon=True).start()
    if FIXED:
        message.read.set()


lifetime.ready()
for number in range(1000):
    deliver(f"message {number}")
    time.sleep(0.04)
time.sleep(3600)
