"""A scenario's progress on the terminal: what runs and how long is left; plain lines where there is none."""

import contextlib
from collections.abc import Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from repro.progress import Ahead, Progress
from repro.runner import CALM_AT_ONCE, Say
from repro.scenario import Case, Scenario

REFRESH = 4
"""Times a second that the time left is drawn anew."""


@contextlib.contextmanager
def shown(scenario: Scenario) -> Iterator[Say]:
    """Show the progress of a scenario on standard error; gives what its runner tells it to."""
    console = Console(stderr=True)
    progress = Progress(scenario, at_once=CALM_AT_ONCE)

    def say(case: Case, text: str, *, over: bool = False) -> None:
        if over:
            progress.finished(case)
            console.print(
                f"{progress.ahead().done}/{len(scenario.cases)} {case.name}: {text}", highlight=False
            )
        else:
            progress.stage(case, text)

    if not console.is_terminal:
        yield say
        return
    with Live(console=console, refresh_per_second=REFRESH, get_renderable=lambda: _picture(progress.ahead())):
        yield say


def _picture(ahead: Ahead) -> Group:
    """Draw a bar with the time left, and what is running."""
    minutes, seconds = divmod(round(ahead.seconds_left), 60)
    return Group(
        Text(f"{ahead.done} of {ahead.total} runs, about {minutes}:{seconds:02d} left", style="bold"),
        ProgressBar(total=ahead.total, completed=ahead.done, width=60),
        *(Text(f"  {line}", overflow="ellipsis", no_wrap=True) for line in ahead.running),
    )
