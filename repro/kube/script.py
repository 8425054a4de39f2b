"""What a container does: the lines it writes and when, how it ends; played here, or as a real shell command.

One description, two forms: `steps` is played by the embedded kubelet, `shell` is run by a real one, and both
write the same log.
"""

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from repro.kube.logbuffer import STDERR, STDOUT

TICK = 0.05
"""Seconds between two bursts of a script that writes more often than that."""

SLOWEST_BURST = 10
"""Lines a second up to which every line has its own moment."""

BLOCK = 1000
"""Lines that a script without a rate writes at once; the event loop turns in between."""

BACK_OFF_ANNOTATION = "hotloop/back-off-seconds"
"""The pause before the second restart, which then doubles; Kubernetes begins with 10."""

KNOBS = {"lines": "count", "lines-per-second": "rate", "line-bytes": "width"}
"""Annotations, after `hotloop/`, that change a numbered script, and the field that each sets."""


class Text(msgspec.Struct, frozen=True):
    r"""Something written at once, with the escapes of printf (`\n`, `\377`)."""

    text: str
    stream: int = STDOUT
    width: int = 0
    """Bytes up to which it is filled with spaces, a dot and a newline; 0 leaves it as it is."""
    after: float = 0.0
    """Seconds to wait before it."""

    @property
    def data(self) -> bytes:
        """Give the bytes written."""
        return filled(unescape(self.text), self.width)

    @property
    def shell(self) -> str:
        """Give the command that writes them."""
        form = self.text.replace("%", "%%")
        pause = f"sleep {self.after:g}; " if self.after else ""
        target = " >&2" if self.stream == STDERR else ""
        if self.width:
            return f"{pause}printf '%-{self.width - 2}s.\\n' {shlex.quote(form)}{target}"
        return f"{pause}printf {shlex.quote(form)}{target}"


class Step(msgspec.Struct, frozen=True):
    """One thing done: wait so many seconds, then write these bytes to a stream."""

    after: float
    data: bytes
    stream: int = STDOUT


class Script(msgspec.Struct, frozen=True):
    """The life of one container run: fixed texts if it has any, else numbered lines."""

    texts: Sequence[Text] = ()
    pattern: str = "line {}"
    """A line's text, with `{}` for its number, from 1."""
    count: int | None = 0
    """Numbered lines written; None is for ever."""
    rate: float | None = None
    """Lines a second; None is all at once."""
    width: int = 0
    """Bytes of a line, newline included, filled up with spaces and a dot; 0 leaves it as it is."""
    linger: float = 0.0
    """Seconds between the last line and the end."""
    exit_code: int = 0
    ignores_term: bool = False
    """Whether only SIGKILL ends it before its time."""

    def tuned(self, annotations: Mapping[str, str]) -> "Script":
        """Give the script with a pod's knobs in force; `lines: forever` is allowed.

        Raises:
            ValueError: a knob's value is no number.
        """
        if self.count == 0:
            return self
        changes = {}
        for knob, field in KNOBS.items():
            value = annotations.get(f"hotloop/{knob}")
            if value is not None:
                changes[field] = _number(value, whole=field != "rate")
        return msgspec.structs.replace(self, **changes) if changes else self

    @property
    def is_brief(self) -> bool:
        """Whether it ends as soon as it has written all it has to say."""
        return self.count is not None and self.rate is None and not self.linger

    def steps(self) -> Iterator[Step]:
        """Give what is done, step by step."""
        for text in self.texts:
            yield Step(text.after, text.data, text.stream)
        yield from self._numbered()
        if self.linger:
            yield Step(self.linger, b"")

    def _numbered(self) -> Iterator[Step]:
        burst, pause = self._cadence
        number, wait = 1, 0.0
        while self.count is None or number <= self.count:
            stop = number + burst if self.count is None else min(number + burst, self.count + 1)
            yield Step(wait, b"".join(map(self.line, range(number, stop))))
            number, wait = stop, pause

    def line(self, number: int) -> bytes:
        """Give one numbered line with its newline."""
        text = self.pattern.replace("{}", str(number)).encode()
        return filled(text, self.width) if self.width else text + b"\n"

    @property
    def _cadence(self) -> tuple[int, float]:
        """Lines written at once, and seconds between."""
        if self.rate is None:
            return BLOCK, 0.0
        if self.rate <= SLOWEST_BURST:
            return 1, 1 / self.rate
        burst = max(1, round(self.rate * TICK))
        return burst, burst / self.rate

    @property
    def shell(self) -> str:
        """The same life as a command for busybox's `sh -c`."""
        parts = [] if self.ignores_term else ["trap 'exit 0' TERM"]
        parts += [text.shell for text in self.texts]
        if self.count != 0:
            parts.append(self._loop())
        if self.linger:
            parts.append(f"sleep {self.linger:g}")
        if self.exit_code:
            parts.append(f"exit {self.exit_code}")
        return "; ".join(parts)

    def _loop(self) -> str:
        burst, pause = self._cadence
        form = self.pattern.replace("%", "%%").replace("{}", "%d")
        write = f"printf {shlex.quote(form + chr(92) + 'n')} $i"
        if self.width:
            write = f"""printf '%-{self.width - 2}s.\\n' "{self.pattern.replace("{}", "$i")}\""""
        within = "true" if self.count is None else f"[ $i -lt {self.count} ]"
        rest = f"; sleep {pause:.3g}" if pause else ""
        if burst > 1 and pause:
            rest = f"; [ $((i % {burst})) -ne 0 ] || sleep {pause:.3g}"
        return f"i=0; while {within}; do i=$((i+1)); {write}{rest}; done"


def filled(text: bytes, width: int) -> bytes:
    """Give the text filled up to a line of `width` bytes; 0 leaves it as it is."""
    return text.ljust(width - 2) + b".\n" if width else text


def unescape(text: str) -> bytes:
    r"""Give the bytes of a printf format with the escapes `\n`, `\t`, `\\` and `\NNN` (octal)."""
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")


def _number(value: str, *, whole: bool) -> float | int | None:
    if value == "forever":
        return None
    number = int(value) if whole else float(value)
    if not 0 < number < math.inf:
        raise ValueError(value)
    return number
