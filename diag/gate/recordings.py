"""A sample out of a recording of `diag record` or `diag inspect --keep`."""

from pathlib import Path, PurePath

from diag import rates, storage
from diag.diagnosis import diagnose
from diag.gate.figures import RECORD
from diag.gate.samples import Sample, Subject, Value
from diag.recording import Recording
from diag.reports import headline

MIB = 1 << 20


def read(folder: Path) -> list[Sample]:
    """Read the sample of a recording.

    Raises:
        HotloopError: it is damaged, incomplete, or of a newer hotloop.
    """
    recording = storage.load(folder)
    found = diagnose(recording)
    place = headline.place(found)
    tasks = found.tasks
    last = max((reading.at for reading in recording.activity), default=0.0)
    at_end = [reading for reading in recording.activity if reading.at == last]
    whole = rates.rates(recording)
    figures: dict[str, Value] = {
        "cores": found.cores,
        "demand": found.demand,
        "cpu_seconds": whole.cores * whole.seconds if whole else None,
        "tasks_live": tasks.live,
        "tasks_created_per_second": tasks.created_per_second,
        "tasks_growth_per_second": tasks.growth_per_second,
        "rss_mb": _mib(rates.peak_rss(recording)),
        "threads": max((reading.threads for reading in recording.activity), default=None),
        "descriptors": sum(reading.descriptors for reading in at_end) if at_end else None,
        "connections": sum(reading.connections for reading in at_end) if at_end else None,
    }
    return [
        Sample(
            subject=Subject(source="record", path=("record", program(recording.target.command))),
            place=folder,
            started=recording.started,
            figures=figures,
            conditions=_conditions(recording),
            known=RECORD,
            verdicts=found.verdicts,
            culprit=f"{place.function} ({place.file}:{place.lines})" if place else "",
            recording=folder,
        )
    ]


_TAKES_A_WORD = frozenset({"-W", "-X", "--check-hash-based-pycs"})
"""The interpreter's options whose value is the next word."""


def program(command: tuple[str, ...]) -> str:
    """Name a program by its module, its script, or else its executable.

    `python -m shop.worker` is `shop.worker`, `python -u /srv/worker.py` is `worker.py`, `/venv/bin/gunicorn app` is
    `gunicorn`.
    """
    name = PurePath(command[0]).name if command else ""
    words = iter(command[1:] if name.startswith(("python", "pypy")) else ())
    for word in words:
        if word.startswith("-m"):
            return word.removeprefix("-m") or next(words, name)
        if word in _TAKES_A_WORD:
            next(words, None)
        elif word == "-c" or not word.startswith("-"):
            return PurePath(word).name
    return name or "?"


def _mib(size: int | None) -> float | None:
    return None if size is None else size / MIB


def _conditions(recording: Recording) -> dict[str, str]:
    machine, settings = recording.machine, recording.settings
    sampler = f"{settings.stack_rate}/s{', pausing' if settings.pausing else ''}"
    return {
        "machine": f"{machine.cores}, {machine.processor}, {machine.memory_bytes}, {machine.kernel}",
        "Python": recording.target.version,
        "hotloop": machine.hotloop,
        "sampler": f"py-spy {machine.py_spy}, {sampler}, every {settings.activity_interval:g} s",
    }
