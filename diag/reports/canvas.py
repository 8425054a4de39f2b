"""What the text of a report is drawn on: a console that prints nowhere, the same for all of them."""

import io

from rich.console import Capture, Console


def canvas(width: int, *, colour: bool) -> Console:
    """Give a console to draw on, with `capture`.

    Args:
        width: columns.
        colour: with the terminal's escape sequences; $NO_COLOR is kept to.
    """
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
    )


def text_of(drawn: Capture) -> str:
    """Give what was drawn, without blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in drawn.get().splitlines()) + "\n"
