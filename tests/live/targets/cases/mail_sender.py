"""A thread sends mails that the application puts into its outbox."""

import queue
import threading
import time

import lifetime

FIXED = lifetime.begin()


class Sender:
    def __init__(self):
        self.outbox = queue.Queue()
        self.sent = []
        self.running = True

    def start(self):
        threading.Thread(target=self._loop, name="mail-sender", daemon=True).start()

    def _loop(self):
        while self.running:
            try:
                mail = self.outbox.get() if FIXED else self.outbox.get_nowait()
            except queue.Empty:
                continue
            self.sent.append(mail)


sender = Sender()
sender.start()
lifetime.ready()
while True:
    sender.outbox.put("mail")
    time.sleep(0.7)
