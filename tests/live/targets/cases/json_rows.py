"""Encodes and decodes rows of JSON, always the same ones."""

import json

import lifetime

lifetime.begin()
ROWS = [{"id": n, "tags": ["a", "b"], "score": n / 3} for n in range(300)]
lifetime.ready()
text = ""
while True:
    text = json.dumps(ROWS)
    ROWS = json.loads(text)
