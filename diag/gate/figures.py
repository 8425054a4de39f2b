"""The figures that the gate knows: what each is, which direction is worse, and how it may be compared.

A *count* is exact: the same code gives the same number, also on a busy machine. It is compared as it is. A
*measured* figure varies from run to run, and is compared by a test over many runs. A *limited* one depends on the clock
or on who else wants the cores: a budget may bound it, but no baseline is compared with it.
"""

import re
from typing import Literal

import msgspec

Kind = Literal["count", "measured", "limited"]
Worse = Literal["more", "less"]


class Figure(msgspec.Struct, frozen=True):
    """One figure."""

    name: str
    noun: str
    """In a sentence: "2.1 times the CPU seconds while viewing"."""
    unit: str
    kind: Kind
    floor: float = 0.0
    """Of a measured figure: a smaller difference is none, in its unit."""
    worse: Worse = "more"


CPU_FLOOR = 0.05
"""CPU seconds: a fifth of what one spinning view burns in a quarter of a second, five ticks of the kernel's clock."""

TASKS_FLOOR = 10.0
"""Tasks made: a health check more or less makes two, a connection three."""

TURNS_FLOOR = 2000.0
"""Turns of the event loop: 20 views take 300 where a busy machine lets much happen in one turn, and 1,150 where it is
quiet; a spin makes 2,000 in a tenth of a second."""

CONNECTIONS_FLOOR = 10.0
"""Connections: those that a server keeps to its API for the next request come and go, up to six on a busy machine."""

RUN = (
    Figure("cores", "cores while viewing", "cores", "limited"),
    Figure("cores_quiet", "cores before anybody looks", "cores", "limited"),
    Figure("cores_after", "cores after everyone left", "cores", "limited"),
    Figure("demand", "cores asked for while viewing", "cores", "limited"),
    Figure("demand_quiet", "cores asked for before anybody looks", "cores", "limited"),
    Figure("demand_after", "cores asked for after everyone left", "cores", "limited"),
    Figure("cpu_seconds", "CPU seconds while viewing", "s", "measured", CPU_FLOOR),
    Figure("cpu_seconds_after", "CPU seconds after everyone left", "s", "measured", CPU_FLOOR),
    Figure("turns", "turns of the event loop while viewing", "", "measured", TURNS_FLOOR),
    Figure("turns_after", "turns of the event loop after everyone left", "", "measured", TURNS_FLOOR),
    Figure("empty_turns", "empty turns while viewing", "", "measured", TURNS_FLOOR),
    Figure("empty_turns_after", "empty turns after everyone left", "", "measured", TURNS_FLOOR),
    Figure("turns_per_view", "turns of the event loop for each view", "", "limited"),
    Figure("empty_turns_per_view", "empty turns for each view", "", "limited"),
    Figure("tasks_created", "tasks made while viewing", "tasks", "measured", TASKS_FLOOR),
    Figure("tasks_created_after", "tasks made after everyone left", "tasks", "measured", TASKS_FLOOR),
    Figure("tasks_created_per_view", "tasks made for each view", "tasks", "limited"),
    Figure("tasks_live", "live tasks while viewing", "tasks", "limited"),
    Figure("tasks_left", "tasks left behind", "tasks", "count"),
    Figure("connections_left", "connections left behind", "connections", "measured", CONNECTIONS_FLOOR),
    Figure("lines_received", "lines received", "lines", "limited", worse="less"),
    Figure("lines_lost", "lines lost", "lines", "count"),
    Figure("lines_repeated", "lines repeated", "lines", "count"),
    Figure("empty_frames", "empty frames", "frames", "count"),
    Figure("rss_mb", "MiB of memory at the most", "MiB", "limited"),
    Figure("rss_growth_mb", "MiB of memory grown while viewing", "MiB", "limited"),
    Figure("health_p50_ms", "milliseconds of a health check in the median", "ms", "limited"),
    Figure("health_p99_ms", "milliseconds of a slow health check", "ms", "limited"),
    Figure("health_failed", "health checks not answered", "checks", "limited"),
    Figure("log_requests_per_second", "log requests a second", "1/s", "limited"),
)
"""Of a run of `repro run`."""

CORES_FLOOR = 0.05
"""Cores of a recording, which are CPU seconds a second: recordings need not be equally long."""

RECORD = (
    Figure("cores", "cores", "cores", "measured", CORES_FLOOR),
    Figure("demand", "cores asked for", "cores", "limited"),
    Figure("cpu_seconds", "CPU seconds", "s", "limited"),
    Figure("tasks_live", "live tasks", "tasks", "measured", TASKS_FLOOR),
    Figure("tasks_created_per_second", "tasks made a second", "1/s", "measured", TASKS_FLOOR),
    Figure("tasks_growth_per_second", "tasks more a second", "1/s", "limited"),
    Figure("rss_mb", "MiB of memory at the most", "MiB", "limited"),
    Figure("threads", "threads at the most", "threads", "limited"),
    Figure("descriptors", "open descriptors at the end", "descriptors", "limited"),
    Figure("connections", "connections at the end", "connections", "limited"),
)
"""Of a recording."""

VERDICTS = "verdicts"
"""What `diag` says; a budget lists the allowed ones."""

ENDED = "ended"
"""How a run ended; anything but in time is judged without being asked."""


def of_benchmark(name: str, values: list[int | float]) -> Figure:
    """Say what a benchmark's own figure is, from its name and its values.

    One named `cpu_seconds`, or with that ending, is measured. Whole numbers are counts where each run had the
    same one, and measured otherwise. Any other number may be a time, and is only limited.
    """
    noun = re.sub(r"\bcpu\b", "CPU", name.replace("_", " "))
    if name == "cpu_seconds" or name.endswith("_cpu_seconds"):
        return Figure(name, noun, "s", "measured", CPU_FLOOR)
    if all(isinstance(value, int) for value in values):
        exact = len(set(values)) == 1
        return Figure(name, noun, "", "count" if exact else "measured", 1.0)
    return Figure(name, noun, "", "limited")
