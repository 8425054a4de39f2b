"""Validates records, half of which are bad: an exception each is its daily bread."""

import lifetime

lifetime.begin()
RECORDS = ["%d,%s" % (n, n if n % 2 else "none") for n in range(10000)]


def validate(records):
    good = bad = 0
    for record in records:
        try:
            good += int(record.split(",")[1]) > 0
        except ValueError:
            bad += 1
            continue
    return good, bad


lifetime.ready()
while True:
    validate(RECORDS)
