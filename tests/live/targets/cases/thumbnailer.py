"""Makes thumbnails in a thread pool; the first picture is on a share that does not answer."""

import time
from concurrent.futures import ThreadPoolExecutor, wait

import lifetime

FIXED = lifetime.begin()


def thumbnail(name):
    if name == "share/0.png":
        time.sleep(3600)
    return len(name)


def gallery(pool, names):
    futures = [pool.submit(thumbnail, name) for name in names]
    if FIXED:
        wait(futures)
    while not all(future.done() for future in futures):
        continue
    return [future.result() for future in futures]


lifetime.ready()
print(gallery(ThreadPoolExecutor(2), ["share/%d.png" % number for number in range(8)]))
