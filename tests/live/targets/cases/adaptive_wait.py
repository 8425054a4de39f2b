"""Waits for work by looking a few hundred times, then by sleeping longer and longer."""

import threading
import time

import lifetime

lifetime.begin()


class Mailbox:
    def __init__(self):
        self.items = []

    def wait(self):
        pause = 0.0005
        while not self.items:
            for _ in range(300):
                if self.items:
                    return self.items.pop()
            time.sleep(pause)
            pause = min(pause * 2, 0.02)
        return self.items.pop()


def post(mailbox):
    while True:
        time.sleep(0.3)
        mailbox.items.append("mail")


mailbox = Mailbox()
threading.Thread(target=post, args=(mailbox,), daemon=True).start()
lifetime.ready()
while True:
    mailbox.wait()
