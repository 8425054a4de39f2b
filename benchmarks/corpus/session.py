"""Runs of cases under the same conditions: one case, or its twin, started, inspected, judged, ended."""

import contextlib
import functools
import sys
import time
from pathlib import Path

import msgspec

from benchmarks.corpus import judging, running
from benchmarks.corpus.judging import Judgement
from benchmarks.corpus.manifest import Case, Corpus, Start
from diag.errors import HotloopError

SLACK = 40.0
"""Seconds that a case lives beyond its warm-up and the window: an inspection on a busy machine may take long."""


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
        self._number = 0

    def run(self, corpus: Corpus, case: Case, *, twin: bool = False) -> Judgement | None:
        """Run a case or its twin once; None where it could not be started for want of an interpreter."""
        start: Start = case.twin if twin and case.twin else case
        try:
            words = running.command(corpus, case, start, self._venvs, interpreters())
        except HotloopError as error:
            self.not_run.append(f"{case.name}: {error}")
            return None
        lifetime = case.warmup_s + self._window + SLACK
        beside = running.neighbour(lifetime) if self._neighbour else contextlib.nullcontext()
        try:
            with beside, running.running(words, start.args, seconds=lifetime) as pid:
                time.sleep(case.warmup_s)
                answer = running.inspect(pid, window=self._window)
        except HotloopError as error:
            return judging.failed(case, str(error), twin=twin)
        self._save(case.name + ("-twin" if twin else ""), answer.raw)
        if answer.diagnosis is None:
            judgement = judging.failed(case, answer.error, twin=twin)
        else:
            judgement = judging.judge(case, answer.diagnosis, twin=twin)
        return msgspec.structs.replace(judgement, seconds=round(answer.seconds, 2), cpu=round(answer.cpu, 2))

    def _save(self, name: str, raw: bytes) -> None:
        if self._keep is not None:
            self._number += 1
            (self._keep / f"{self._number:03}-{name}.json").write_bytes(raw)


@functools.cache
def interpreters() -> dict[str, str]:
    """Give the CPythons of this machine, by name such as "3.12"; the tests know where to look for them."""
    tests = str(Path(__file__).parents[2] / "tests")
    if tests not in sys.path:
        sys.path.append(tests)
    from live.interpreters import found

    return found()
