"""Compresses archives of constant content."""

import zlib

import lifetime

lifetime.begin()
PAGE = b"<html><body>" + b"<p>hello</p>" * 20000


def main():
    sizes = []
    lifetime.ready()
    while True:
        sizes.append(len(zlib.compress(PAGE, 9)))
        del sizes[:-100]


main()
