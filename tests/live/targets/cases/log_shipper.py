"""Ships a command's output line by line from a thread."""

import subprocess
import threading
import time

import lifetime

FIXED = lifetime.begin()


class Shipper(threading.Thread):
    def __init__(self, command):
        super().__init__(daemon=True)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.shipped = []
        self.closed = False

    def run(self):
        while not self.closed:
            line = self.process.stdout.readline()
            if FIXED and not line:
                return
            if line.strip():
                self.shipped.append(line.rstrip())


shipper = Shipper(["sh", "-c", "for n in 1 2 3; do echo line $n; done"])
shipper.start()
lifetime.ready()
while True:
    time.sleep(1)
