"""Finds out what a path holds, and reads the samples in it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from diag import storage
from diag.errors import HotloopError
from diag.gate import benchmarks, recordings, runs
from diag.gate.samples import Sample

WANTED = "a folder of `repro run`, a recording of `diag record`, pytest-benchmark's JSON, or a folder with several of these"


def read_all(paths: Iterable[Path]) -> list[Sample]:
    """Read the samples of all paths; each path, and each thing in a folder of several, is a repeat.

    Raises:
        HotloopError: one of them is not there, holds nothing of the kind, or is damaged.
    """
    places = [place.resolve() for path in paths for place in _places(path)]
    twice = sorted({str(place) for place in places if places.count(place) > 1})
    if twice:
        raise HotloopError(f"{twice[0]} is given twice: the same run is no repeat of itself.")
    return [sample for place in places for sample in _read(place)]


def _places(path: Path) -> Iterator[Path]:
    """Give what is to be read: the path itself, or what is in it."""
    if not path.exists():
        raise HotloopError(f"{path} is not there: it has to be {WANTED}.")
    if path.is_file() or _is_one(path):
        yield path
        return
    found = [each for each in sorted(path.iterdir()) if not each.name.startswith(".") and _is_part(each)]
    if not found:
        raise HotloopError(f"{path} holds nothing that can be judged: it has to be {WANTED}.")
    yield from found


def _is_one(folder: Path) -> bool:
    """Whether a folder is one thing to read, and not several."""
    return folder.is_dir() and any((folder / name).is_file() for name in (runs.FILE, storage.FILE))


def _is_part(path: Path) -> bool:
    return _is_one(path) if path.is_dir() else path.suffix == ".json"


def _read(place: Path) -> list[Sample]:
    if place.is_dir():
        file = place / runs.FILE
        return runs.read(file) if file.is_file() else recordings.read(place)
    if place.name == runs.FILE:
        return runs.read(place)
    if place.name == storage.FILE:
        return recordings.read(place.parent)
    return benchmarks.read(place)
