"""The console that commands print tables to."""

from rich.console import Console


class Output(Console):
    """A console for standard output or a file, for which `| head` is no failure."""

    def on_broken_pipe(self) -> None:
        """Leave a reader that went away to the shell around the commands, which takes it for no failure."""
        raise BrokenPipeError
