"""Progress while a process is measured: on standard error, on a terminal only, gone when it is over."""

import contextlib
from collections.abc import Callable, Iterator

_BAR = 20

Tell = Callable[[str, float], None]
"""Told what is being done, and how many seconds are left."""


@contextlib.contextmanager
def shown(subject: str, seconds: float) -> Iterator[Tell]:
    """Show what is being done to `subject` and how long it takes; gives what to tell."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _doing, _left: None
        return
    state = ("starting", seconds)

    def line() -> Text:
        doing, left = state
        filled = round(_BAR * (1 - min(1.0, left / seconds)))
        bar = f"{'━' * filled}{'─' * (_BAR - filled)}"
        return Text(f"{bar} {left:4.1f} s left  {subject}: {doing}", no_wrap=True, overflow="ellipsis")

    def tell(doing: str, left: float) -> None:
        nonlocal state
        state = doing, max(0.0, left)

    with Live(get_renderable=line, console=console, transient=True, refresh_per_second=8):
        yield tell
