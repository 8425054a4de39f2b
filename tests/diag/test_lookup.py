"""The process that is meant, found in a hand-made family of processes."""

from pathlib import Path

import pytest
from made_proc import MadeProc

from diag.collectors.proc import Proc
from diag.errors import HotloopError
from diag.lookup import AmbiguousError, find

OWN = 999


class Family:
    """A system with processes: an init, a shell, and in it the process that asks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.made = MadeProc(root)
        self.add(1, 0, "systemd")
        self.add(998, 1, "sh -c diag|inspect|app.py")
        self.add(OWN, 998, "python3 /usr/bin/diag inspect app.py", python=True)

    def add(self, pid: int, parent: int, line: str, *, python: bool = False, cpu: float = 0.0) -> None:
        """Write a process; a blank in a word of its command line is written as |."""
        words = [word.replace("|", " ") for word in line.split()]
        self.made.process(pid, parent=parent, user=cpu, name=Path(words[0]).name)
        place = self.root / str(pid)
        (place / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in words))
        (place / "comm").write_text(f"{Path(words[0]).name[:15]}\n")
        (place / "exe").symlink_to("/usr/bin/python3.13" if python else f"/usr/bin/{words[0]}")
        (place / "maps").write_text("")
        (place / "mem").write_bytes(b"")
        (place / "cwd").symlink_to("/srv/shop")
        (place / "status").write_text(f"Name:\tx\nTgid:\t{pid}\nPid:\t{pid}\n")

    def find(self, text: str) -> int:
        """Find without waiting; the busy ones use a second of CPU meanwhile."""

        def busy(_seconds: float) -> None:
            stat = self.root / "20" / "stat"
            if stat.exists():
                fields = stat.read_text().split()
                stat.write_text(" ".join([*fields[:13], str(int(fields[13]) + 100), *fields[14:]]))

        return find(text, proc=Proc(str(self.root)), own=OWN, pause=busy)


@pytest.fixture
def family(tmp_path: Path) -> Family:
    """Give a system."""
    return Family(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["20", "app.py", "app", "python app.py --port", "--port 80", "/srv/shop/app.py", " app.py "],
)
def test_ways_to_name_a_process(text: str, family: Family) -> None:
    """By PID, script, part of the command line, or path, whatever the command line that asks holds."""
    family.add(20, 1, "python app.py --port 80", python=True)
    family.add(21, 1, "python worker.py --for appliance.py", python=True)
    family.add(22, 1, "nginx -c app.conf")
    assert family.find(text) == 20


def test_a_thread_stands_for_its_process(family: Family) -> None:
    """Its number is what `top -H` shows."""
    family.add(20, 1, "python app.py", python=True)
    (family.root / "25").mkdir()
    (family.root / "25" / "status").write_text("Name:\tworker\nTgid:\t20\nPid:\t25\n")
    assert family.find("25") == 20


def test_a_wrapper_stands_for_the_python_it_started(family: Family) -> None:
    """Also one that started it by another wrapper, and one whose name does not tell what it runs."""
    family.add(10, 1, "sudo run-shop")
    family.add(11, 10, "sh /usr/bin/run-shop")
    family.add(12, 11, "timeout 60 python app.py")
    family.add(20, 12, "python app.py", python=True)
    family.add(21, 20, "python app.py", python=True)
    family.add(13, 11, "tee app.log")
    for text in ("10", "11", "12", "run-shop", "sudo", "timeout", "app.py"):
        assert family.find(text) == 20


def test_a_python_that_wraps_another_stands_for_it(family: Family) -> None:
    """Its command line ends with the other's; the PID stands for itself."""
    family.add(20, 1, "python /usr/bin/hatch run python app.py --port 80", python=True)
    family.add(21, 20, "/venv/bin/python app.py --port 80", python=True)
    assert family.find("app.py --port") == 21
    assert family.find("hatch") == 20
    assert family.find("20") == 20


def test_of_workers_the_parent_is_meant(family: Family) -> None:
    """Forked ones have its command line; those of multiprocessing have one of their own, with a part that matches."""
    family.add(20, 1, "python app.py", python=True)
    family.add(21, 20, "python app.py", python=True)
    family.add(22, 21, "python app.py", python=True)
    family.add(23, 20, "python -c from|multiprocessing.spawn|import|spawn_main;|app.py", python=True)
    assert family.find("app.py") == 20
    assert family.find("python") == 20


def test_several_candidates_are_told_busiest_first(family: Family) -> None:
    """With their command lines and ages, so that the user can choose."""
    family.add(19, 1, "python app.py --port 81", python=True)
    family.add(20, 1, "python app.py --port 80", python=True)
    (family.root / "uptime").write_text("65.00 100.00\n")
    with pytest.raises(AmbiguousError, match=r"2 Python processes match 'app.py'") as raised:
        family.find("app.py")
    first, second = raised.value.candidates
    assert (first.pid, second.pid) == (20, 19)
    assert first.cores > 1
    assert second.cores == 0
    assert first.age == 60
    assert first.command == ("python", "app.py", "--port", "80")


def test_a_wrapper_of_several(family: Family) -> None:
    """A shell that started two is no name for either."""
    family.add(10, 1, "sh start.sh")
    family.add(20, 10, "python app.py", python=True)
    family.add(21, 10, "python app.py", python=True)
    with pytest.raises(AmbiguousError, match=r"Process 10 \(sh\) started 2 Python processes"):
        family.find("10")


def test_another_look_at_the_same_process_is_not_meant(family: Family) -> None:
    """A second observer has the text in its command line; one is found if it is asked for."""
    family.add(20, 1, "python app.py", python=True)
    family.add(30, 1, "python3 /usr/bin/diag record app.py -o x", python=True)
    family.add(31, 1, "python3 -m diag top app.py", python=True)
    assert family.find("python3 app.py".partition(" ")[2]) == 20
    assert family.find("diag record") == 30


def test_own_shell_is_searched_without_ourselves(family: Family) -> None:
    """`diag inspect $$` finds what the shell runs in the background."""
    family.add(20, 998, "python app.py", python=True)
    assert family.find("998") == 20


def test_nothing_is_found(family: Family) -> None:
    """The sentence says what comes near, what matches but is no Python, and that a container's client is none."""
    family.add(20, 1, "python app.py", python=True)
    family.add(22, 1, "nginx -c app.conf")
    family.add(23, 1, "docker run shop")
    with pytest.raises(HotloopError, match=r"matches 'ap.py'\. Did you mean 'app.py'"):
        family.find("ap.py")
    with pytest.raises(HotloopError, match=r"process 22 \(nginx\) does, but neither"):
        family.find("nginx")
    with pytest.raises(HotloopError, match="docker top NAME"):
        family.find("23")
    with pytest.raises(HotloopError, match="No process is named"):
        family.find(" ")


def test_what_cannot_be_a_target_is_left_to_say_later(family: Family) -> None:
    """A PID that is gone, or that is not Python and started none."""
    family.add(22, 1, "nginx")
    assert (family.find("22"), family.find("77")) == (22, 77)


def test_a_process_that_may_not_be_looked_at_is_judged_by_its_name(family: Family) -> None:
    """So that the permission that is missing can be told, rather than that there is no such process."""

    class Closed(Proc):
        """Another user's processes."""

        def read(self, pid: int, name: str) -> bytes:
            """Refuse memory."""
            if name == "maps":
                raise PermissionError(13, "Permission denied", name)
            return super().read(pid, name)

    family.add(20, 1, "python3 app.py")
    family.add(22, 1, "nginx app.py")
    assert find("app.py", proc=Closed(str(family.root)), own=OWN) == 20
