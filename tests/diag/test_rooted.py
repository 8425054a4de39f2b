"""Paths of a process in another root."""

from pathlib import Path

import pytest

from diag.rooted import inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a root with a release that is linked in several ways."""
    (tmp_path / "srv" / "releases" / "7").mkdir(parents=True)
    (tmp_path / "srv" / "releases" / "7" / "app.py").touch()
    (tmp_path / "srv" / "current").symlink_to("/srv/releases/7")
    (tmp_path / "srv" / "relative").symlink_to("releases/7")
    (tmp_path / "srv" / "outside").symlink_to("../../../../srv/current")
    (tmp_path / "round").symlink_to("/round")
    return tmp_path


@pytest.mark.parametrize(
    "path",
    [
        "/srv/releases/7/app.py",
        "/srv/current/app.py",
        "/srv/relative/app.py",
        "/srv/outside/app.py",
        "/../srv//current/./app.py",
    ],
)
def test_links_stay_inside(path: str, root: Path) -> None:
    """An absolute one begins at the root, and none leads above it."""
    assert inside(path, str(root)) == f"{root}/srv/releases/7/app.py"


def test_what_is_not_there(root: Path) -> None:
    """It has a path all the same; links in a circle come to an end."""
    assert inside("/srv/current/gone.py", f"{root}/") == f"{root}/srv/releases/7/gone.py"
    assert inside("/round/app.py", str(root)) == f"{root}/round/app.py"


def test_our_own_root() -> None:
    """Nothing changes."""
    assert inside("/srv/../app.py") == "/srv/../app.py"
