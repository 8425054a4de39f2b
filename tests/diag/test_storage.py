"""A recording saved and loaded."""

import errno
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from made_recordings import reading, recording, varied

from diag import storage
from diag.errors import HotloopError
from diag.recording import Phase


@pytest.mark.parametrize("seed", range(40))
def test_what_is_loaded_is_what_was_saved(seed: int, tmp_path: Path) -> None:
    """Every figure comes back exactly, whatever the recording holds."""
    saved = varied(seed)
    storage.save(saved, tmp_path / "r")
    assert storage.load(tmp_path / "r") == saved


def test_a_recording_replaces_the_one_before(tmp_path: Path) -> None:
    """Nothing of the old one is left, and no draft either."""
    storage.save(varied(3), tmp_path / "r")
    storage.save(recording(), tmp_path / "r")
    assert storage.load(tmp_path / "r") == recording()
    assert os.listdir(tmp_path) == ["r"]  # noqa: PTH208 - names are wanted
    assert not list((tmp_path / "r").glob("stacks-*"))


def test_missing_parents_are_made(tmp_path: Path) -> None:
    """A path of new directories is as good as one."""
    storage.check_directory(tmp_path / "a" / "b" / "c")
    storage.save(recording(), tmp_path / "a" / "b" / "c")
    assert storage.load(str(tmp_path / "a" / "b" / "c")) == recording()


def test_something_else_is_not_overwritten(tmp_path: Path) -> None:
    """A directory with other things and a file are refused, before measuring and when saving, and left alone."""
    (tmp_path / "notes.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(HotloopError, match="choose another place"):
            storage.check_directory(place)
        with pytest.raises(HotloopError, match="choose another place"):
            storage.save(recording(), place)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_known_before(tmp_path: Path) -> None:
    """A path below a file is refused before anything is measured."""
    (tmp_path / "file").touch()
    with pytest.raises(HotloopError, match="No directory can be made"):
        storage.check_directory(tmp_path / "file" / "r")


def test_a_full_disk_leaves_nothing_half_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a sentence, the old recording stays, and the draft goes."""
    storage.save(recording(), tmp_path / "r")
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "census.jsonl":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, content)

    # The disk cannot be handed in; filling a real one is not for a test.
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(HotloopError, match="No space left on device"):
        storage.save(varied(1), tmp_path / "r")
    assert os.listdir(tmp_path) == ["r"]  # noqa: PTH208 - names are wanted
    assert storage.load(tmp_path / "r") == recording()


def test_no_recording_is_a_sentence(tmp_path: Path) -> None:
    """An empty directory and none at all say what is missing."""
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(HotloopError, match=r"holds no recording: recording\.json"):
            storage.load(place)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A recording of another schema is not guessed at."""
    storage.save(recording(), tmp_path / "r")
    head = msgspec.json.decode((tmp_path / "r" / storage.FILE).read_bytes())
    (tmp_path / "r" / storage.FILE).write_bytes(msgspec.json.encode(head | {"schema": 2}))
    with pytest.raises(HotloopError, match="has schema 2"):
        storage.load(tmp_path / "r")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("recording.json", b"{", "damaged"),
        ("recording.json", b'{"schema": 1}', "damaged"),
        ("activity.jsonl", b'{"at": 1}\n', "damaged"),
        ("activity.jsonl", None, r"incomplete: activity\.jsonl"),
        ("stacks-7.speedscope.json", b"[]", "damaged"),
        ("stacks-7.speedscope.json", None, "incomplete"),
        ("census.jsonl", b"\xff\xfe", "damaged"),
        ("sources.zip", b"PK", "damaged"),
        ("sources.zip", None, r"incomplete: sources\.zip"),
        ("snapshots-7.json", b"{}", "damaged"),
        ("snapshots-7.json", None, "incomplete"),
    ],
)
def test_damage_is_a_sentence(name: str, content: bytes | None, sentence: str, tmp_path: Path) -> None:
    """A file cut short, garbled or lost is told from a good one."""
    saved: Any = next(
        made
        for made in map(varied, range(99))
        if any(stacks.pid == 7 and stacks.samples for stacks in made.stacks)
        and any(shots.pid == 7 for shots in made.snapshots)
        and any(source.text for source in made.sources)
    )
    storage.save(saved, tmp_path / "r")
    place = tmp_path / "r" / name
    if content is None:
        place.unlink()
    else:
        place.write_bytes(content)
    with pytest.raises(HotloopError, match=sentence):
        storage.load(tmp_path / "r")


def test_a_recording_of_ten_seconds_is_small(tmp_path: Path) -> None:
    """A process read four times a second takes some ten kilobytes."""
    activity = tuple(
        reading(i / 4, cpu_user=i / 4, rss_bytes=10**8, run_wait=i * 0.123456) for i in range(41)
    )
    storage.save(recording(activity=activity, phases=(Phase(name="all", start=0, end=10),)), tmp_path / "r")
    assert sum(path.stat().st_size for path in (tmp_path / "r").iterdir()) < 20_000
