"""The shell around every command: commands imported when called, failures in a sentence, exit codes."""

import errno
import importlib
import io
import os
import sys
from collections.abc import Mapping, Sequence

import click

from diag import __version__
from diag.arguments import did_you_mean
from diag.errors import HotloopError

COULD_NOT = 2
"""Exit code where nothing could be measured, or the words of the call were off."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells give it."""


class CommandGroup(click.Group):
    """The commands of a package, a module each, imported only when called.

    The module `PACKAGE.commands.NAME` holds a click command named `command`. `summaries` gives the
    names and the lines of the group's own help, so that `--help` imports none of them.
    """

    def __init__(self, package: str, summaries: Mapping[str, str], help_text: str) -> None:
        super().__init__(
            name=package, help=help_text, context_settings={"help_option_names": ["-h", "--help"]}
        )
        self.package = package
        self.summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands, in the order of their help lines."""
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module, and nothing else."""
        if cmd_name not in self.summaries:
            return None
        module = importlib.import_module(f"{self.package}.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a name that is none, say which it may have meant."""
        name = args[0]
        if name not in self.summaries and not name.startswith("-"):
            ctx.fail(f"No such command {name!r}.{did_you_mean(name, self.summaries)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the help lines from the summaries."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))


def run(package: str, arguments: Sequence[str]) -> int:
    """Run a command of `package` ("diag" or "repro") and answer its exit code.

    0 healthy or done, 1 a verdict against (a command returns it), 2 could not measure or usage, 130 Ctrl-C. A
    foreseeable failure is a sentence on standard error; a reader that went away (`| head`) is none.
    """
    _mend_streams()
    commands = importlib.import_module(f"{package}.commands")
    group = CommandGroup(package, commands.SUMMARIES, commands.HELP)
    group = click.version_option(__version__, prog_name=f"{package} (hotloop)")(group)
    try:
        with group.make_context(package, list(arguments)) as context:
            code = group.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return 0
    except (KeyboardInterrupt, click.Abort):
        click.echo(f"{package}: interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return COULD_NOT
    except (HotloopError, OSError) as error:
        click.echo(f"{package}: {_sentence(error)}", err=True)
        return COULD_NOT
    return code if isinstance(code, int) else 0


def _sentence(error: HotloopError | OSError) -> str:
    """Give the failure's own words; for the system's, with the file that could not be used."""
    if isinstance(error, OSError) and error.strerror:
        if error.errno in {errno.ENOSPC, errno.EDQUOT} and not error.filename:
            return f"the output could not be written: {error.strerror}"
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _mend_streams() -> None:
    """Let output neither fail where a stream is closed (`>&-`, `<&-`), nor where its encoding lacks a character."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for the rest of the process
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - for the rest of the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _silence_stdout() -> None:
    """Keep the interpreter's last flush from failing on the closed pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
