"""The load generator: opens log views like browser tabs and counts what comes."""
