"""Which files are checked."""

import os
from pathlib import Path

import pytest

from diag.errors import HotloopError
from diag.lint.files import Excludes, sought


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project and go there."""
    names = ("app.py", "gui.pyw", "notes.txt", "book.ipynb", "src/b.py", "src/a.py", "src/gen/x_pb2.py")
    for name in (*names, ".venv/lib/c.py", "node_modules/d.py", "build/e.py", "script"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*paths: str, excludes: Excludes | None = None) -> list[str]:
    """Give what is found, as it is shown."""
    return [file.shown for file in sought([Path(path) for path in paths], excludes or Excludes()).files]


@pytest.mark.usefixtures("tree")
def test_below_a_directory() -> None:
    """Python files in order, what is installed or built left out; notebooks are counted."""
    assert names(".") == ["app.py", "gui.pyw", "src/a.py", "src/b.py", "src/gen/x_pb2.py"]
    assert sought([Path()], Excludes()).notebooks == 1


@pytest.mark.usefixtures("tree")
def test_what_is_named_is_taken() -> None:
    """Without a suffix, and inside of what is otherwise left out."""
    assert names("script", ".venv") == ["script", ".venv/lib/c.py"]


def test_each_file_once(tree: Path) -> None:
    """By whatever way it was named."""
    assert names("src", "src/a.py", str(tree / "src")) == ["src/a.py", "src/b.py", "src/gen/x_pb2.py"]


@pytest.mark.usefixtures("tree")
def test_links_lead_in_no_circle(tree: Path) -> None:
    """A link to a directory is not followed, but can be named."""
    (tree / "src" / "self").symlink_to(tree / "src")
    (tree / "linked.py").symlink_to(tree / "app.py")
    (tree / "dangling.py").symlink_to(tree / "gone.py")
    assert names("src") == ["src/a.py", "src/b.py", "src/gen/x_pb2.py"]
    assert names("src/self")[0] == "src/self/a.py"
    assert "linked.py" in names(".")


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("gen", ["src/a.py", "src/b.py"]),
        ("*_pb2.py", ["src/a.py", "src/b.py"]),
        ("src/gen/", ["src/a.py", "src/b.py"]),
        ("src/gen/**", ["src/a.py", "src/b.py"]),
        ("./src/a.py", ["src/b.py", "src/gen/x_pb2.py"]),
        ("gen/x_pb2.py", ["src/a.py", "src/b.py", "src/gen/x_pb2.py"]),
    ],
)
@pytest.mark.usefixtures("tree")
def test_patterns(pattern: str, left: list[str]) -> None:
    """A name anywhere, or a path from the root of the settings."""
    assert names("src", excludes=Excludes((pattern,), Path.cwd())) == left


@pytest.mark.usefixtures("tree")
def test_a_named_file_is_excluded_with_its_directory() -> None:
    """If that is asked for, as by hooks that name the files that changed; else who names a file wants it checked."""
    found = sought([Path("src/gen/x_pb2.py")], Excludes(("gen",), Path.cwd()), force=True)
    assert (found.files, found.excluded) == ((), 1)
    assert names("src/gen/x_pb2.py", excludes=Excludes(("gen",), Path.cwd())) == ["src/gen/x_pb2.py"]


@pytest.mark.usefixtures("tree")
def test_a_path_that_is_not_there() -> None:
    """A typing error never passes."""
    with pytest.raises(HotloopError, match=r"^srx does not exist"):
        sought([Path("srx")], Excludes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_directory_that_may_not_be_read(tree: Path) -> None:
    """It is a problem of its own."""
    (tree / "src").chmod(0)
    try:
        assert sought([Path()], Excludes()).problems == (("src", "it cannot be read: Permission denied"),)
    finally:
        (tree / "src").chmod(0o755)
