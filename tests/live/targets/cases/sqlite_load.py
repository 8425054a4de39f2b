"""Loads a table in memory."""

import sqlite3

import lifetime

lifetime.begin()
database = sqlite3.connect(":memory:")
database.execute("create table readings (sensor integer, value real)")
lifetime.ready()
while True:
    with database:
        database.executemany("insert into readings values (?, ?)", ((n % 10, n / 7) for n in range(1000)))
    if database.execute("select count(*) from readings").fetchone()[0] > 200_000:
        database.execute("delete from readings")
