"""Commands read, and the names that processes go by."""

from pathlib import Path

import pytest
from made_proc import MadeProc

from diag.collectors.proc import Proc
from diag.processes import Processes, Running


def running(*command: str, title: str = "python3") -> Running:
    """Give a process with a command line."""
    return Running(7, 1, 500, title, command)


@pytest.mark.parametrize(
    ("line", "script"),
    [
        ("python app.py --port 80", "app.py"),
        ("/opt/venv/bin/python3.12 -X dev -Wd -u /srv/app.py app.py", "/srv/app.py"),
        ("python -W ignore -m uvicorn app:app", "uvicorn"),
        ("python -muvicorn app:app", "uvicorn"),
        ("python -c pass app.py", ""),
        ("python - app.py", ""),
        ("python", ""),
        ("pypy3 app.py", "app.py"),
        ("nginx -c app.py", ""),
    ],
)
def test_what_a_python_runs(line: str, script: str) -> None:
    """The first word that is neither an option of the interpreter nor the value of one; the module behind -m."""
    assert running(*line.split(), title="").script == script


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("/opt/venv/bin/python3 /srv/app.py", {"python3", "app.py", "app"}),
        ("python3 /opt/venv/bin/gunicorn app:app", {"python3", "gunicorn"}),
        ("python3 -m worker", {"python3", "worker"}),
        ("python3 /srv/shop/__main__.py", {"python3", "shop"}),
        ("python3 /srv/shop/", {"python3", "shop"}),
        ("python3 -c pass", {"python3"}),
    ],
)
def test_whole_names(line: str, names: set[str]) -> None:
    """The program's and the script's, with and without its ending; no part of a path or of an argument."""
    assert running(*line.split()).names == names


def test_a_title_that_was_set() -> None:
    """It is a name, also where it says nothing about Python."""
    process = running("gunicorn: worker [shop]", title="gunicorn: worke")
    assert process.names == {"gunicorn: worke", "gunicorn: worker [shop]"}
    assert not process.is_python_by_name


def test_the_family_tree(tmp_path: Path) -> None:
    """Children and ancestors, without zombies and whoever ended meanwhile."""
    made = MadeProc(tmp_path)
    for pid, parent, state in ((1, 0, "S"), (5, 1, "S"), (6, 5, "R"), (7, 5, "Z"), (8, 5, "S")):
        made.process(pid, parent=parent, state=state)
        (tmp_path / str(pid) / "cmdline").write_bytes(b"app\0--port\0" if pid != 5 else b"")
        (tmp_path / str(pid) / "comm").write_bytes(b"kworker\n")
    made.process(9, parent=5)
    processes = Processes(Proc(str(tmp_path)))
    assert sorted(processes.by_pid) == [1, 5, 6, 8]
    assert processes.children(5) == [6, 8]
    assert list(processes.ancestors(6)) == [5, 1, 0]
    assert processes.by_pid[6].command == ("app", "--port")
    assert (processes.by_pid[5].command, processes.by_pid[5].line) == ((), "kworker")
