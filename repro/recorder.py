"""The recorder's process: `python -m repro.recorder PID FOLDER [--pausing]` records a server as the runner directs.

It reads an order a line on standard input and answers each with the same line on standard output when it
is done: `phase NAME` begins a phase, `look SECONDS STACKS` reads for so long all that a diagnosis rests on and
samples stacks at its beginning, `census` counts the tasks. The end of input ends the recording and saves it. Between
orders it counts the tasks now and then, so that the report has a curve.
"""

import queue
import sys
import threading
import time
from pathlib import Path

from diag.observation import ENOUGH, PATIENCE, SNAPSHOT_RATE, Prober
from diag.recorder import Recorder
from diag.storage import save

PAUSE = 0.05
"""Seconds between two times that it is asked whether a look is over."""

CENSUS_INTERVAL = 0.5
"""Seconds between two looks at the tasks, at the least."""

MOST_SNAPSHOTS = 150
"""Snapshots of one look: more say nothing that these do not, so a long one has them farther apart."""

CENSUS_SHARE = 0.2
"""Share of its time that the recorder may spend looking: a large server is looked at less often."""


def orders() -> "queue.SimpleQueue[str]":
    """Read standard input in the background; the empty string stands for its end."""
    arrived: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            arrived.put(line.strip())
        arrived.put("")

    threading.Thread(target=read, daemon=True).start()
    return arrived


def direct(recorder: Recorder, arrived: "queue.SimpleQueue[str]") -> None:
    """Follow the orders until their end, and count the tasks between them once it is known how long that takes."""
    pause: float | None = None
    while True:
        try:
            order = arrived.get(timeout=pause)
        except queue.Empty:
            pause = count(recorder)
            continue
        match order.split():
            case []:
                return
            case ["phase", name]:
                recorder.phase(name)
            case ["look", seconds, stacks]:
                look(recorder, float(seconds), float(stacks))
            case ["census"]:
                pause = count(recorder)
            case _:
                sys.exit(f"no such order: {order!r}")
        print(order, flush=True)  # noqa: T201 - the answer that the runner waits for


def look(recorder: Recorder, seconds: float, stacks: float) -> None:
    """Read variables, tasks and connections for so many seconds, and sample stacks during the first of them.

    Of many workers it is one that is looked into: counting the tasks of all of them takes seconds.

    Where cores are scarce there are few looks: it goes on until there are enough, for three seconds more at the most.
    """
    end = recorder.elapsed + seconds
    rate = min(SNAPSHOT_RATE, MOST_SNAPSHOTS / seconds)
    pid = recorder.busiest()
    with Prober(recorder, seconds, rate=rate, pid=pid) as prober:
        recorder.sample_stacks(stacks, pid)
        while recorder.alive and (
            recorder.elapsed < end or (prober.looks < ENOUGH and recorder.elapsed < end + PATIENCE)
        ):
            time.sleep(PAUSE)


def count(recorder: Recorder) -> float:
    """Count the tasks; answer how many seconds to wait before the next count of our own accord."""
    begun = time.monotonic()
    recorder.take_census()
    return max(CENSUS_INTERVAL, (time.monotonic() - begun) / CENSUS_SHARE)


def main() -> None:
    """Record the process that the arguments name into the folder that they name."""
    pid, folder, *options = sys.argv[1:]
    with Recorder(int(pid), pausing="--pausing" in options) as recorder:
        print("recording", flush=True)  # noqa: T201 - the runner waits for it
        direct(recorder, orders())
        save(recorder.finish(), Path(folder))


if __name__ == "__main__":
    main()
