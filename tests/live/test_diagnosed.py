"""One fault, diagnosed wherever it may run: on every interpreter, below a wrapper, in a root of its own."""

import contextlib
import os
import select
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
import pytest
from live import interpreters

from diag.findings import Diagnosis
from repro.bounds import bounded

CASES = Path(__file__).parent / "targets" / "cases"
FEED = CASES / "price_feed.py"
"""Its `break` at the end of the stream leaves only the `for`; with --fixed it returns."""
DEADLINE = 30.0
WINDOW = "3"
UNSHARE = shutil.which("unshare") or "/usr/bin/unshare"


@contextlib.contextmanager
def running(command: Sequence[str]) -> Iterator[int]:
    """Run a command until the block ends; gives the pid that was started, once a target of it is ready."""
    limits = bounded(command, memory=512 << 20, deadline=DEADLINE)
    with subprocess.Popen(limits, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline() if select.select([process.stdout], [], [], DEADLINE)[0] else ""
            if not said.startswith("READY"):
                process.kill()
                pytest.fail(f"{command} did not get ready: {process.communicate()[1]}")
            yield process.pid
        finally:
            end(process.pid)


def end(pid: int) -> None:
    """Kill a process that was started here, with its children."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [*process.children(recursive=True), process]:
            each.kill()


def until_busy(pid: int) -> None:
    """Wait until a process or a child of it has burned some CPU."""
    limit = time.monotonic() + 15
    while time.monotonic() < limit:
        tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        if max(process.cpu_times().user for process in tree) > 0.5:
            return
        time.sleep(0.05)
    pytest.fail("it never got busy")


def inspected(pid: int, code: int) -> Diagnosis:
    """Inspect a process, and check the exit code."""
    words = ["inspect", str(pid), "--seconds", WINDOW, "--format", "json"]
    answer = subprocess.run(
        [sys.executable, "-m", "diag", *words], capture_output=True, timeout=60, check=False
    )
    assert answer.returncode == code, (answer.stdout + answer.stderr).decode()
    return msgspec.json.decode(answer.stdout, type=Diagnosis)


def check(diagnosis: Diagnosis) -> None:
    """The spin of the price feed is found, with the loop, and with the break that does not leave it."""
    lines = FEED.read_text(encoding="utf-8").splitlines()
    loop, faulty = (
        next(number for number, line in enumerate(lines, 1) if word in line)
        for word in ("while True", "break")
    )
    assert diagnosis.verdicts == ("spin",)
    assert not diagnosis.frozen
    culprit = diagnosis.culprit
    assert culprit is not None
    assert culprit.function == "show"
    assert culprit.loop is not None
    assert culprit.loop[0] == loop
    # Where hardly a look catches the loop, its variables are not known, nor the setting that the `break` depends on.
    waited = next(number for number, line in enumerate(lines, 1) if "asyncio.wait" in line)
    assert [(cause.code, cause.line) for cause in diagnosis.causes][:1] in (
        [("HL001", faulty)],
        [("HL005", waited)],
    )


@pytest.mark.parametrize("version", interpreters.found())
def test_spin_on_every_interpreter(version: str) -> None:
    """The same fault is diagnosed alike on every CPython."""
    with running([interpreters.found()[version], str(FEED), str(DEADLINE)]) as pid:
        until_busy(pid)
        check(inspected(pid, 1))


@pytest.mark.parametrize("wrapper", ["timeout", "shell"])
def test_child_of_a_wrapper(wrapper: str) -> None:
    """The pid of a wrapper leads to the Python that it started."""
    command = [sys.executable, str(FEED), str(DEADLINE)]
    wrapped = {"timeout": ["timeout", "60", *command], "shell": ["sh", "-c", shlex.join(command) + "; true"]}
    with running(wrapped[wrapper]) as pid:
        until_busy(pid)
        diagnosis = inspected(pid, 1)
        check(diagnosis)
        assert diagnosis.target.pid != pid


def test_target_in_a_root_of_its_own(tmp_path: Path) -> None:
    """In a mount namespace and a chroot, where its source is at a path that is not there outside."""
    if (
        os.geteuid() != 0
        or subprocess.run([UNSHARE, "-m", "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("a mount namespace needs root and CAP_SYS_ADMIN")
    root, work = tmp_path / "root", tmp_path / "work"
    root.mkdir()
    work.mkdir()
    for path in (FEED, CASES / "lifetime.py"):
        shutil.copy(path, work)
    # The whole tree is mounted once more; /srv in it is the folder of the source.
    script = (
        f"mount --bind / {root} && mount --rbind /proc {root}/proc && mount --bind {work} {root}/srv"
        f" && exec chroot {root} {sys.executable} /srv/price_feed.py {DEADLINE:g}"
    )
    assert not Path("/srv/price_feed.py").exists()
    with running([UNSHARE, "-m", "sh", "-c", script]) as pid:
        until_busy(pid)
        diagnosis = inspected(pid, 1)
    check(diagnosis)
    assert diagnosis.culprit is not None
    assert diagnosis.culprit.file == "/srv/price_feed.py"


def test_fixed_version_is_healthy() -> None:
    """The same program without its fault is healthy, and the exit code says so."""
    with running([sys.executable, str(FEED), str(DEADLINE), "--fixed"]) as pid:
        diagnosis = inspected(pid, 0)
    assert diagnosis.verdicts == ("healthy",)
    assert diagnosis.causes == ()
