"""A pool of threads that hashes for as long as it is asked to."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import lifetime

lifetime.begin()
BODY = b"body" * 50000


def digest(number):
    return hashlib.sha1(BODY).hexdigest()[number % 40]


lifetime.ready()
with ThreadPoolExecutor(2) as pool:
    while True:
        list(pool.map(digest, range(200)))
