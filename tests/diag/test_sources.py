"""The source files of a recording, and whose texts are kept."""

import zipfile
from pathlib import Path

import msgspec
import pytest
from made_recordings import recording

from diag import sources
from diag.collectors.proc import Proc
from diag.recording import (
    Census,
    Frame,
    LoopSnapshot,
    Ready,
    Snapshot,
    SnapshotFrame,
    Snapshots,
    SourceFile,
    Stacks,
    StackSample,
    TaskGroup,
    ThreadSnapshot,
)
from diag.sources import Sources, command_line_code

LIBRARY = "lib/python3.11/site-packages/shop"


def reader(command: tuple[str, ...] = ("python", "app.py"), proc: str = "/proc") -> Sources:
    """Make a reader for process 7 of that command, whose root is ours."""
    return Sources(msgspec.structs.replace(recording().target, command=command), Proc(proc))


def written(place: Path, content: str = "x = 1\n") -> str:
    """Write a file, and give its path."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content)
    return str(place)


def sampled(*files: str) -> Stacks:
    """Make stacks in which each file was seen once."""
    return Stacks(
        pid=7,
        start=0,
        end=1,
        frames=tuple(Frame(function="f", file=file, line=1) for file in files),
        samples=tuple(StackSample(at=0, thread="7", frames=(number,)) for number in range(len(files))),
        ticks=9,
        errors=0,
        late=0,
    )


def looked(file: str, state: str = "S", *, loop: bool = False, ready: bool = False) -> Snapshots:
    """Make a look at a thread in a state, with an event loop or not, or with the file in what is ready only."""
    call = (SnapshotFrame(frame=0),)
    return Snapshots(
        pid=7,
        frames=(Frame(function="f", file=file, line=1),),
        values=(),
        taken=(
            Snapshot(
                at=0,
                threads=(ThreadSnapshot(thread=9, state=state, frames=() if ready else call),),
                loops=(
                    LoopSnapshot(
                        identity=1,
                        kind="Loop",
                        thread=9 if loop else 0,
                        next=(Ready(callback="f", frames=call),) if ready else (),
                    ),
                ),
            ),
        ),
    )


def counted(file: str) -> Census:
    """Make a census of one coroutine."""
    group = TaskGroup(coroutine="f", file=file, line=1, state="pending", count=3)
    return Census(at=0, pid=7, groups=(group,), created=None, seconds=0)


def only(found: tuple[SourceFile, ...]) -> SourceFile:
    """Give the one that was found."""
    (source,) = found
    return source


def test_a_file_is_described(tmp_path: Path) -> None:
    """Its time, its size and its text; the order is that of the paths."""
    files = [written(tmp_path / name, f"{name} = 1\r\n") for name in ("b.py", "a.py")]
    found = reader().look_up([sampled(*files)], [], [])
    assert [source.path for source in found] == sorted(files)
    assert [source.text for source in found] == ["a.py = 1\n", "b.py = 1\n"]
    assert [source.size for source in found] == [10, 10]
    assert found[0].modified == Path(files[1]).stat().st_mtime


def test_the_texts_of_what_is_at_work_are_kept(tmp_path: Path) -> None:
    """A library's file counts where it was on a stack that ran, in an event loop's thread, ready, or a task's."""
    file = written(tmp_path / LIBRARY / "client.py")
    for snapshots in (
        looked(file, "R"),
        looked(file, "S", loop=True),
        looked(file, ready=True),
    ):
        assert only(reader().look_up([], [snapshots], [])).text == "x = 1\n"
    assert only(reader().look_up([sampled(file)], [], [])).text == "x = 1\n"
    assert only(reader().look_up([], [], [counted(file)])).text == "x = 1\n"


def test_a_librarys_sleeping_threads_need_no_text(tmp_path: Path) -> None:
    """The file is described, so that its package is named, but what it says cannot matter."""
    found = only(reader().look_up([], [looked(written(tmp_path / LIBRARY / "pool.py"))], []))
    assert (found.text, found.size) == ("", 6)


def test_the_users_own_texts_are_kept_where_they_sleep_too(tmp_path: Path) -> None:
    """Who starts threads that wait for ever is looked for in them."""
    assert only(reader().look_up([], [looked(written(tmp_path / "app.py"))], [])).text == "x = 1\n"


def test_the_texts_seen_most_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number, those seen more often; a file that cannot be read takes no place."""
    monkeypatch.setattr(sources, "MOST", 2)
    rare, common, second = (written(tmp_path / name) for name in ("a.py", "b.py", "c.py"))
    seen = [sampled(rare, "/gone.py"), sampled(common, "/gone.py"), sampled(common, second), sampled(second)]
    found = reader().look_up(seen, [], [])
    assert {source.path for source in found if source.text} == {common, second}
    assert {source.path for source in found} == {rare, common, second}


def test_what_is_too_large_has_no_text(tmp_path: Path) -> None:
    """Up to a megabyte is kept, whole or not at all, of a file in an archive too."""
    large = "x" * (sources.LARGEST + 1)
    archive = tmp_path / "app.pyz"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("large.py", large)
        file.writestr("fits.py", large[1:])
    seen = sampled(written(tmp_path / "large.py", large), f"{archive}/large.py", f"{archive}/fits.py")
    assert [len(source.text) for source in reader().look_up([seen], [], [])] == [
        sources.LARGEST,
        0,
        0,
    ]


def test_the_encoding_that_a_file_declares_is_kept_to(tmp_path: Path) -> None:
    """In an archive as well; what is not text is none."""
    latin = "# coding: latin-1\nname = 'größe'\n"
    archive = tmp_path / "app.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("shop/latin.py", latin.encode("latin-1"))
    plain, garbled = tmp_path / "latin.py", tmp_path / "garbled.py"
    plain.write_bytes(latin.encode("latin-1"))
    garbled.write_bytes(b"\xff\xfe\x00")
    found = reader().look_up(
        [sampled(str(plain), f"{archive}/shop/latin.py", f"{archive}/gone.py", str(garbled))], [], []
    )
    assert {Path(source.path).name: source.text for source in found} == {
        "latin.py": latin,
        "gone.py": "",
        "garbled.py": "",
    }
    assert [source.text for source in found].count(latin) == 2


def test_code_of_the_command_line_is_its_own_text() -> None:
    """`python -c CODE` has no file; other names in angle brackets are no files at all."""
    found = reader(("python", "-u", "-c", "while 1: pass")).look_up(
        [sampled("<string>", "<frozen x>")], [], []
    )
    assert only(found).text == "while 1: pass"
    assert not reader().look_up([sampled("<string>")], [], [])
    assert command_line_code(("python", "-c")) == ""


def test_a_relative_path_is_the_processes_own(tmp_path: Path) -> None:
    """It is looked for in the working directory of the process, not in ours."""
    written(tmp_path / "7" / "cwd" / "app.py", "there = 1\n")
    assert only(reader(proc=str(tmp_path)).look_up([sampled("app.py")], [], [])).text == "there = 1\n"
