"""The sources that a recording keeps, read from made files."""

import os
import zipfile
from pathlib import Path

import msgspec
import pytest
from made_proc import MadeProc
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
from diag.sources import Sources

TEXT = "print('größe')\n"


def stacks(*files: str, sampled: int | None = None) -> Stacks:
    """Make stacks of which the first `sampled` files (all, if not said) were seen at work."""
    count = len(files) if sampled is None else sampled
    return Stacks(
        pid=7,
        start=0,
        end=1,
        frames=tuple(Frame(function="f", file=file, line=1) for file in files),
        samples=(StackSample(at=0.5, thread="MainThread (7)", frames=tuple(range(count))),),
        ticks=1,
        errors=0,
        late=0,
    )


def snapshots(file: str, state: str, *, loop: bool = False, ready: str = "") -> Snapshots:
    """Make a snapshot of one thread."""
    entry = Ready(callback="f", frames=(SnapshotFrame(frame=1),))
    return Snapshots(
        pid=7,
        frames=(Frame(function="f", file=file, line=1), Frame(function="f", file=ready, line=1)),
        values=(),
        taken=(
            Snapshot(
                at=0.5,
                threads=(ThreadSnapshot(thread=7, state=state, frames=(SnapshotFrame(frame=0),)),),
                loops=(LoopSnapshot(identity=1, kind="Loop", thread=7, next=(entry,) if ready else ()),)
                if loop
                else (),
            ),
        ),
    )


def census(file: str) -> Census:
    """Make a census of one task."""
    group = TaskGroup(coroutine="f", file=file, line=1, state="pending", count=1)
    return Census(at=0.5, pid=7, groups=(group,), created=None, seconds=0.1)


def look_up(
    place: Path,
    sampled: Stacks | None = None,
    shots: Snapshots | None = None,
    counted: Census | None = None,
    **target: object,
) -> dict[str, SourceFile]:
    """Look up the files, by path; processes are below `place / proc`."""
    described = msgspec.structs.replace(recording().target, **target)
    found = Sources(described, Proc(str(place / "proc"))).look_up(
        [sampled] if sampled else [], [shots] if shots else [], [counted] if counted else []
    )
    assert list(found) == sorted(found, key=lambda source: source.path)
    return {source.path: source for source in found}


def written(path: Path, text: str = TEXT) -> str:
    """Write a file, last changed at a known time; gives its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1e9, 1e9))
    return str(path)


def test_what_is_known_of_a_file(tmp_path: Path) -> None:
    """Its text, its size and when it was changed."""
    path = written(tmp_path / "app.py")
    assert look_up(tmp_path, stacks(path)) == {
        path: SourceFile(path=path, modified=1e9, size=len(TEXT.encode()), text=TEXT)
    }


def test_the_encoding_is_the_files_own(tmp_path: Path) -> None:
    """As its first line declares it."""
    place = tmp_path / "app.py"
    place.write_bytes(b"# coding: latin-1\nname = 'gr\xf6\xdfe'\n")
    assert "größe" in look_up(tmp_path, stacks(str(place)))[str(place)].text


@pytest.mark.parametrize("content", [b"\0binary\xff\xfe", b"# coding: nonsense\n"])
def test_what_is_no_source_has_no_text(content: bytes, tmp_path: Path) -> None:
    """It is described all the same, as far as it is known."""
    place = tmp_path / "native.so"
    place.write_bytes(content)
    found = look_up(tmp_path, stacks(str(place)))[str(place)]
    assert (found.text, found.size) == ("", len(content))


def test_files_that_are_none_are_left_out(tmp_path: Path) -> None:
    """Code without a file, and a file that is gone."""
    assert look_up(tmp_path, stacks("<frozen runpy>", "", str(tmp_path / "gone.py"))) == {}


def test_a_huge_file_is_described_only(tmp_path: Path) -> None:
    """Generated code of a megabyte is no text that anybody reads."""
    path = written(tmp_path / "huge.py", "#" * (sources.LARGEST + 1))
    assert look_up(tmp_path, stacks(path))[path].text == ""
    path = written(tmp_path / "large.py", "#" * sources.LARGEST)
    assert len(look_up(tmp_path, stacks(path))[path].text) == sources.LARGEST


def test_the_text_of_a_file_that_was_not_at_work_is_kept_for_the_user(tmp_path: Path) -> None:
    """Who starts the user's threads is looked for in the user's own files; a library's idle file is only named."""
    own, library = written(tmp_path / "app.py"), written(tmp_path / "site-packages" / "wires.py")
    found = look_up(tmp_path, stacks(own, library, sampled=0))
    assert (found[own].text, found[library].text) == (TEXT, "")
    assert look_up(tmp_path, stacks(own, library))[library].text == TEXT


def test_only_so_many_texts_are_kept(tmp_path: Path) -> None:
    """Those of the files that were at work the most; the others are named."""
    paths = [written(tmp_path / f"{n:03}.py") for n in range(sources.MOST + 5)]
    texts = [bool(source.text) for source in look_up(tmp_path, stacks(*paths)).values()]
    assert texts.count(True) == sources.MOST
    assert len(texts) == len(paths)


def test_what_runs_or_is_ready_is_at_work(tmp_path: Path) -> None:
    """A thread that runs, an event loop's thread even where it sleeps in a call, what is ready, and tasks that wait."""
    path = written(tmp_path / "site-packages" / "wires.py")
    other = written(tmp_path / "site-packages" / "other.py")
    assert look_up(tmp_path, shots=snapshots(path, "R"))[path].text == TEXT
    assert look_up(tmp_path, shots=snapshots(path, "S"))[path].text == ""
    assert look_up(tmp_path, shots=snapshots(path, "S", loop=True))[path].text == TEXT
    assert look_up(tmp_path, shots=snapshots(path, "S", loop=True, ready=other))[other].text == TEXT
    assert look_up(tmp_path, counted=census(path))[path].text == TEXT


def test_a_relative_path_is_relative_to_the_process(tmp_path: Path) -> None:
    """`python app.py` gives frames in `app.py`, which lies where the process works."""
    MadeProc(tmp_path / "proc").process(7)
    (tmp_path / "proc" / "7" / "cwd").symlink_to(tmp_path)
    written(tmp_path / "app.py")
    assert look_up(tmp_path, stacks("app.py"))["app.py"].text == TEXT


def test_a_path_in_a_root_of_its_own(tmp_path: Path) -> None:
    """The files of a container are those below its root."""
    written(tmp_path / "root" / "srv" / "app.py")
    found = look_up(tmp_path, stacks("/srv/app.py"), root=str(tmp_path / "root"))
    assert found["/srv/app.py"].text == TEXT


def test_a_file_in_an_archive(tmp_path: Path) -> None:
    """An application packed into one zip file has its sources in it."""
    place = tmp_path / "app.pyz"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("client/reader.py", TEXT)
        archive.writestr("client/huge.py", "#" * (sources.LARGEST + 1))
    found = look_up(
        tmp_path, stacks(f"{place}/client/reader.py", f"{place}/client/huge.py", f"{place}/gone.py")
    )
    assert [source.text for source in found.values()] == ["", TEXT, ""]
    place.write_bytes(b"PK nothing")
    assert look_up(tmp_path, stacks(f"{place}/client/reader.py"))[f"{place}/client/reader.py"].text == ""


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/srv/app.zip/a/b.py", ("/srv/app.zip", "a/b.py")),
        ("/srv/app.py", ("/srv/app.py", "")),
        ("/srv/app.zip.d/b.py", ("/srv/app.zip.d/b.py", "")),
    ],
)
def test_paths_in_archives(path: str, parts: tuple[str, str]) -> None:
    """They have the archive's name as a part; a directory with a similar name is none."""
    assert sources.archived(path) == parts


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["python", "-c", "spin()"], "spin()"),
        (["python3", "-u", "-X", "dev", "-c", "spin()", "-c", "other"], "spin()"),
        (["python3", "-uBc", "spin()"], "spin()"),
        (["python", "app.py", "-c", "app.ini"], ""),
        (["python", "-m", "gunicorn", "-c", "app.ini"], ""),
        (["python", "-W", "error", "app.py"], ""),
        (["python", "-c"], ""),
        (["python"], ""),
        ([], ""),
    ],
)
def test_code_on_the_command_line(command: list[str], code: str) -> None:
    """It is the source of `<string>`, if the interpreter was given it and not the program."""
    assert sources.command_line_code(tuple(command)) == code


def test_code_on_the_command_line_is_a_source(tmp_path: Path) -> None:
    """It is as old as the process."""
    found = look_up(tmp_path, stacks("<string>"), command=("python", "-c", TEXT), created=1.5e9)
    assert (found["<string>"].text, found["<string>"].modified) == (TEXT, 1.5e9)
    assert look_up(tmp_path, stacks("<string>"), command=("python", "app.py")) == {}
