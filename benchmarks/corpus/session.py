"""Runs of cases under the same conditions: one case, or its twin, started, inspected, judged, ended."""

import contextlib
import functools
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from benchmarks.corpus import judging, running
from benchmarks.corpus.judging import Judgement
from benchmarks.corpus.manifest import Case, Corpus, Start
from diag import storage
from diag.diagnosis import diagnose
from diag.errors import HotloopError

SLACK = 40.0
"""Seconds that a case lives beyond its warm-up and the window: an inspection on a busy machine may take long."""
TWIN, RUN = "-twin", "-run"
"""Parts of the name of a kept recording's folder."""


class Session:
    """The conditions, and what could not be run under them."""

    def __init__(
        self, *, venvs: Path, window: float, neighbour: bool = False, keep: Path | None = None
    ) -> None:
        self.not_run: list[str] = []
        """A sentence for each case whose interpreter or environment is not there."""
        self._venvs = venvs
        self._window = window
        self._neighbour = neighbour
        self._keep = keep

    def run(self, corpus: Corpus, case: Case, *, twin: bool = False) -> Judgement | None:
        """Run a case or its twin once; None where it could not be started for want of an interpreter."""
        start: Start = case.twin if twin and case.twin else case
        try:
            words = running.command(corpus, case, start, self._venvs, interpreters())
        except HotloopError as error:
            if (note := f"{case.name}: {error}") not in self.not_run:
                self.not_run.append(note)
            return None
        lifetime = case.warmup_s + self._window + SLACK
        beside = running.neighbour(lifetime) if self._neighbour else contextlib.nullcontext()
        try:
            with beside, running.running(words, start.args, seconds=lifetime) as pid:
                time.sleep(case.warmup_s)
                answer = running.inspect(pid, window=self._window, keep=self._folder(case.name, twin=twin))
        except HotloopError as error:
            return judging.failed(case, str(error), twin=twin)
        if answer.diagnosis is None:
            judgement = judging.failed(case, answer.error, twin=twin)
        else:
            judgement = judging.judge(case, answer.diagnosis, twin=twin)
        return msgspec.structs.replace(judgement, seconds=round(answer.seconds, 2), cpu=round(answer.cpu, 2))

    def _folder(self, name: str, *, twin: bool) -> Path | None:
        """Give where a recording is kept: a folder of its own for each run of a case."""
        if self._keep is None:
            return None
        whole = name + TWIN * twin
        run = 1 + sum(1 for _ in self._keep.glob(f"{whole}{RUN}*"))
        return self._keep / f"{whole}{RUN}{run}"


def again(keep: Path, work: Iterable[Case]) -> Iterator[Judgement]:
    """Judge recordings that were kept, without the processes.

    Raises:
        HotloopError: a recording cannot be read.
    """
    cases = {case.name: case for case in work}
    for folder in sorted(keep.glob(f"*{RUN}*")):
        name = folder.name.rpartition(RUN)[0]
        case = cases.get(name.removesuffix(TWIN))
        if case is not None:
            yield judging.judge(case, diagnose(storage.load(folder)), twin=name.endswith(TWIN))


@functools.cache
def interpreters() -> dict[str, str]:
    """Give the CPythons of this machine, by name such as "3.12"; the tests know where to look for them."""
    tests = str(Path(__file__).parents[2] / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
    from live.interpreters import found

    return found()
