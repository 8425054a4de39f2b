"""Imports customers from a CSV file and keeps on looking for new ones."""

import csv
import io
import time

import lifetime

FIXED = lifetime.begin()
customers = {}
TEXT = "id,name\n" + "\n".join("%d,customer %d" % (n, n) for n in range(500))


def store(row):
    customers[row["id"]] = row["name"]


def import_all(rows):
    while True:
        for row in rows:
            store(row)
        if FIXED:
            time.sleep(1)


lifetime.ready()
import_all(csv.DictReader(io.StringIO(TEXT)))
