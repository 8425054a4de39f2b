"""Searches a big text with a regular expression."""

import re

import lifetime

lifetime.begin()
TEXT = "\n".join("2024-05-%02d host%d GET /page/%d 200" % (n % 28 + 1, n % 17, n) for n in range(60000))
PATTERN = re.compile(r"(\d{4})-(\d\d)-(\d\d) host(\d+) GET /page/(\d*7)\b")


def main():
    found = 0
    lifetime.ready()
    while True:
        for match in PATTERN.finditer(TEXT):
            found += int(match[5])


main()
