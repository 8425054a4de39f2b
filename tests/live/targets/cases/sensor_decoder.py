"""Decodes readings from a helper process that ends after a while."""

import os
import subprocess
import sys

import lifetime

FIXED = lifetime.begin()
CODE = "print('\\n'.join(str(n * 17 % 100) for n in range(500)))"


def decode(stream):
    total, rest = 0, b""
    while total < 1_000_000:
        while True:
            chunk = os.read(stream, 65536)
            if not chunk:
                if FIXED:
                    return total
                break
            *lines, rest = (rest + chunk).split(b"\n")
            total += sum(int(line) for line in lines if line)
    return total


helper = subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE)
lifetime.ready()
print(decode(helper.stdout.fileno()), flush=True)
helper.wait()
input_end, output_end = os.pipe()
os.read(input_end, 1)
