"""What a leak is, in one value and in words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["task", "thread", "executor worker", "connection", "server", "async generator", "subprocess"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """Something that is still there, and others alike."""

    kind: Kind
    name: str
    """Qualified name of the coroutine or generator; a thread's name; a connection's or server's address; the
    command of a subprocess."""
    created: str = ""
    """Who made it, as "function (file:line)"; "" where that was not seen."""
    waiting: str = ""
    """Where it stands, likewise."""
    count: int = 1

    def __str__(self) -> str:
        """Give it as a sentence without an end."""
        number = f"{self.count} {self.kind}s" if self.count > 1 else self.kind
        parts = [f"{number} {self.name}"]
        parts += [f"created by {self.created}"] if self.created else []
        parts += [f"stands at {self.waiting}"] if self.waiting else []
        return ", ".join(parts)


def alike(leaks: Iterable[Leak]) -> list[Leak]:
    """Put those that differ in nothing into one, the most numerous first."""
    counts = Counter(leaks)
    return [replace(leak, count=count) for leak, count in counts.most_common()]


def headline(leaks: Sequence[Leak]) -> str:
    """Say in one line what is left."""
    first, rest = leaks[0], sum(leak.count for leak in leaks[1:])
    more = f" and {rest} more" if rest else ""
    return f"{first}{more}"
