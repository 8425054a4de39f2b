"""Refusals explained: which rule stands in the way, and the way out for who looks and from where."""

import os
from pathlib import Path

import pytest
from made_proc import MadeProc

from diag.collectors.proc import Proc
from diag.permission import Observer, copying_fails, filtered, forbidden, missing, this_observer, user_name

USER = Observer(user=1000, capabilities=0, filtered=False, container="", ptrace_scope="0")
ROOT = USER._replace(user=0, capabilities=1 << 19)


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    """Give processes: 7 of user 1000, 8 of root."""
    for pid, owner in ((7, 1000), (8, 0)):
        MadeProc(tmp_path).process(pid)
        (tmp_path / str(pid) / "status").write_text(f"Name:\tx\nUid:\t{owner}\t{owner}\t{owner}\t{owner}\n")
    return Proc(str(tmp_path))


@pytest.mark.parametrize(
    ("observer", "pid", "why", "way"),
    [
        (USER, 8, f"it belongs to root, not to {user_name(1000)}", "sudo"),
        (USER, 7, "it has changed its user, or has capabilities", "sudo"),
        (USER._replace(ptrace_scope=""), 7, "it has changed its user, or has capabilities", "sudo"),
        (
            USER._replace(ptrace_scope="1"),
            7,
            "kernel.yama.ptrace_scope is 1, which lets only",
            "sysctl kernel.yama.ptrace_scope=0",
        ),
        (USER._replace(ptrace_scope="2"), 7, "kernel.yama.ptrace_scope is 2", "sudo"),
        (
            ROOT._replace(capabilities=0),
            7,
            "this root has no CAP_SYS_PTRACE",
            "docker run --cap-add SYS_PTRACE",
        ),
        (
            ROOT._replace(ptrace_scope="3"),
            7,
            "kernel.yama.ptrace_scope is 3, which forbids it to everybody",
            "reboot",
        ),
        (ROOT, 7, "the kernel refuses although CAP_SYS_PTRACE is there", "on the machine itself"),
        (
            USER._replace(container="docker"),
            8,
            "it belongs to root",
            "--pid container:NAME --cap-add SYS_PTRACE",
        ),
        (USER._replace(container="kubernetes"), 8, "it belongs to root", "kubectl debug -it POD"),
        (USER, 9, "it has changed its user", "sudo"),
    ],
)
def test_the_rule_and_the_way_out(observer: Observer, pid: int, why: str, way: str, proc: Proc) -> None:
    """Both stand in one sentence, and no other way is offered than one that can be gone from there."""
    said = forbidden(proc, pid, observer)
    assert said.startswith(f"Process {pid} may not be looked at: {why}")
    assert way in said
    assert ("kubectl" in said) <= (observer.container == "kubernetes")


@pytest.mark.parametrize(
    ("container", "way"),
    [
        ("", "inside of a container"),
        ("docker", "--pid container:NAME"),
        ("kubernetes", "kubectl debug --target=CONTAINER"),
    ],
)
def test_a_process_that_is_not_seen(container: str, way: str, proc: Proc) -> None:
    """It has ended, or only others see it."""
    said = missing(proc, 77, USER._replace(container=container))
    assert said.startswith("There is no process 77: it has ended, or")
    assert way in said


def test_a_filter_of_system_calls_is_told_from_a_kernel_without_it() -> None:
    """Only the former has a way out."""
    assert "--security-opt seccomp=unconfined" in filtered(7, 1, USER._replace(filtered=True))
    assert "CONFIG_CROSS_MEMORY_ATTACH" in filtered(7, 38, USER)


def test_this_very_process() -> None:
    """Its user is its own, and it may copy from itself; an address that is not mapped is no refusal."""
    assert this_observer().user == os.geteuid()
    assert copying_fails(os.getpid(), 0) == 0


def test_a_user_without_a_name() -> None:
    """Containers seldom know the names of the machine's users."""
    assert (user_name(0), user_name(4000000000)) == ("root", "4000000000")
