"""A Recording as a directory in open formats, and back.

recording.json         the target, the machine, the settings, phases, source files, notes
activity.jsonl         a reading of a process a line
census.jsonl           a census a line
snapshots-PID.json     stacks with local variables, and event loops, as they were read from memory
sources.zip            the texts of source files, for the places that can matter
connections.jsonl      a TCP connection at a moment a line
traffic.jsonl          a reading of what a process read, wrote and opened a line
stacks-PID.speedscope.json   stacks of a process; https://www.speedscope.app and other viewers open it
"""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from diag import __version__, snapshotfile, sourcearchive, speedscope
from diag.errors import HotloopError
from diag.recording import (
    SCHEMA,
    Activity,
    Census,
    Connection,
    Machine,
    Phase,
    Recording,
    Settings,
    Stacks,
    Target,
    Traffic,
)

FILE = "recording.json"
ACTIVITY = "activity.jsonl"
CENSUS = "census.jsonl"
CONNECTIONS = "connections.jsonl"
TRAFFIC = "traffic.jsonl"
SOURCES = "sources.zip"


_Row = TypeVar("_Row")


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """The content of recording.json."""

    schema: int = SCHEMA
    hotloop: str = __version__
    target: Target
    machine: Machine
    settings: Settings
    started: float
    seconds: float
    phases: tuple[Phase, ...]
    sources: tuple[sourcearchive.Entry, ...]
    stacks: tuple[str, ...]
    """The names of the speedscope files, in their order."""
    snapshots: tuple[str, ...] = ()
    """The names of the files of snapshots, in their order."""
    notes: tuple[str, ...]


class _Schema(msgspec.Struct):
    schema: int


def save(recording: Recording, directory: Path | str) -> None:
    """Save a recording; one that was in the directory before is replaced.

    It is written beside the directory and moved there when it is whole.

    Raises:
        HotloopError: the directory is something else, or cannot be written (no space, no permission).
    """
    place = Path(directory)
    _check_place(place)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        draft.mkdir(parents=True)
        for name, content in _files(recording):
            (draft / name).write_bytes(content)
        if place.exists():
            shutil.rmtree(place)
        draft.rename(place)
    except OSError as error:
        raise HotloopError(
            f"The recording could not be saved in {place}: {error.strerror or error}."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(draft)


def load(directory: Path | str) -> Recording:
    """Load a recording.

    Raises:
        HotloopError: there is none, it is damaged, or a newer hotloop made it.
    """
    place = Path(directory)
    try:
        content = (place / FILE).read_bytes()
    except OSError as error:
        raise HotloopError(f"{place} holds no recording: {FILE}: {error.strerror}.") from error
    try:
        schema = msgspec.json.decode(content, type=_Schema).schema
        if schema != SCHEMA:
            raise HotloopError(
                f"The recording in {place} has schema {schema} and this hotloop ({__version__}) reads {SCHEMA}: "
                "use the version that made it, or a newer one."
            )
        return _assemble(place, msgspec.json.decode(content, type=_Head))
    except (msgspec.DecodeError, IndexError, UnicodeDecodeError) as error:
        raise HotloopError(f"The recording in {place} is damaged: {error}.") from error
    except OSError as error:
        missing = Path(error.filename).name if error.filename else "a file"
        raise HotloopError(f"The recording in {place} is incomplete: {missing}: {error.strerror}.") from error


def check_directory(directory: Path | str) -> None:
    """Check before a long measurement that a recording can be saved in a directory.

    Raises:
        HotloopError: it is something else, or may not be written.
    """
    place = Path(directory)
    _check_place(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=".hotloop-", dir=place.parent)).rmdir()
    except OSError as error:
        raise HotloopError(
            f"No directory can be made in {place.parent}: {error.strerror or error}."
        ) from error


def _check_place(place: Path) -> None:
    """Refuse a place that holds anything but a recording."""
    if place.is_dir():
        if any(place.iterdir()) and not (place / FILE).is_file():
            raise HotloopError(
                f"{place} exists and holds something else than a recording: choose another place."
            )
    elif place.exists() or place.is_symlink():
        raise HotloopError(f"{place} exists and is no directory: choose another place.")


def _files(recording: Recording) -> Iterable[tuple[str, bytes]]:
    """Give the files and their contents, the head last."""
    encoder = msgspec.json.Encoder()
    yield ACTIVITY, encoder.encode_lines(recording.activity)
    yield CENSUS, encoder.encode_lines(recording.censuses)
    yield CONNECTIONS, encoder.encode_lines(recording.connections)
    yield TRAFFIC, encoder.encode_lines(recording.traffic)
    snapshots: list[str] = []
    for shots in recording.snapshots:
        snapshots.append(_name("snapshots", shots.pid, "json", snapshots))
        yield snapshots[-1], snapshotfile.encode(shots)
    names: list[str] = []
    for stacks in recording.stacks:
        names.append(_name("stacks", stacks.pid, "speedscope.json", names))
        yield (
            names[-1],
            speedscope.encode(stacks, name=_title(recording, stacks), exporter=f"hotloop {__version__}"),
        )
    sources, archive = sourcearchive.pack(recording.sources)
    if archive:
        yield SOURCES, archive
    head = _Head(
        target=recording.target,
        machine=recording.machine,
        settings=recording.settings,
        started=recording.started,
        seconds=recording.seconds,
        phases=recording.phases,
        sources=sources,
        stacks=tuple(names),
        snapshots=tuple(snapshots),
        notes=recording.notes,
    )
    yield FILE, msgspec.json.format(encoder.encode(head), indent=1)


def _name(stem: str, pid: int, suffix: str, taken: list[str]) -> str:
    """Name a process's file; a later one of the same process gets a number."""
    name = f"{stem}-{pid}.{suffix}"
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{pid}-{number}.{suffix}"
    return name


def _title(recording: Recording, stacks: Stacks) -> str:
    command = " ".join(recording.target.command)
    return f"process {stacks.pid} of {command}" if stacks.pid != recording.target.pid else command


def _assemble(place: Path, head: _Head) -> Recording:
    """Put the files together."""
    for name in head.stacks + head.snapshots:
        if Path(name).name != name:
            raise IndexError(f"{name} is no file's name")
    return Recording(
        target=head.target,
        machine=head.machine,
        settings=head.settings,
        started=head.started,
        seconds=head.seconds,
        phases=head.phases,
        activity=tuple(msgspec.json.Decoder(Activity).decode_lines((place / ACTIVITY).read_bytes())),
        stacks=tuple(speedscope.decode((place / name).read_bytes()) for name in head.stacks),
        censuses=tuple(msgspec.json.Decoder(Census).decode_lines((place / CENSUS).read_bytes())),
        sources=sourcearchive.unpack(
            head.sources,
            (place / SOURCES).read_bytes() if any(source.kept for source in head.sources) else b"",
        ),
        snapshots=tuple(snapshotfile.decode((place / name).read_bytes()) for name in head.snapshots),
        connections=_lines(place / CONNECTIONS, Connection),
        traffic=_lines(place / TRAFFIC, Traffic),
        notes=head.notes,
    )


def _lines(file: Path, kind: type[_Row]) -> tuple[_Row, ...]:
    """Read the rows of a file that recordings made before it had a place do not have."""
    try:
        return tuple(msgspec.json.Decoder(kind).decode_lines(file.read_bytes()))
    except FileNotFoundError:
        return ()
