"""Pods of users without a kind: a sensible life, guessed from the command.

Simple commands are understood: `echo`, `sleep`, `exit`, `true`, `false`, one after another (`;` or `&&`), alone
or in `sh -c`. A container with any other command, or with none, runs for ever.
"""

import shlex
from collections.abc import Sequence

from repro.kube.objects import Json
from repro.kube.script import Script, Text

_SHELLS = {"sh", "ash", "bash"}
_BEYOND = set("()<>|&$`{}*")
_FOREVER = 10 * 365 * 86_400.0


def script_of(container: Json, default: Script) -> Script:
    """Give what a user's container does; `default` where its command says nothing that is understood."""
    match [*(container.get("command") or ()), *(container.get("args") or ())]:
        case [shell, "-c", text] if shell.rpartition("/")[2] in _SHELLS:
            found = _script(_commands(text))
        case argv:
            found = _script([argv])
    return found or default


def _commands(text: str) -> list[list[str]]:
    """Cut a shell text into commands; none where its grammar is beyond this module."""
    lexer = shlex.shlex(text.replace("\n", ";"), posix=True, punctuation_chars=True)
    lexer.commenters = ""
    commands: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word in {";", "&&"}:
                commands.append([])
            elif set(word) & _BEYOND:
                return []
            else:
                commands[-1].append(word)
    except ValueError:
        return []
    return [command for command in commands if command]


def _script(commands: Sequence[Sequence[str]]) -> Script | None:
    """Give the script of commands that are all understood, else None."""
    texts: list[Text] = []
    pause, code = 0.0, 0
    for command in commands:
        match command:
            case ["echo", *words]:
                line = " ".join(words).encode("unicode_escape").decode() + "\\n"
                texts.append(Text(line, after=pause))
                pause, code = 0.0, 0
            case ["sleep", duration] if (seconds := _seconds(duration)) is not None:
                pause, code = pause + seconds, 0
            case ["true"]:
                code = 0
            case ["false"]:
                code = 1
            case ["exit", number] if number.isdecimal():
                code = int(number)
                break
            case _:
                return None
    return Script(tuple(texts), linger=pause, exit_code=code) if commands else None


def _seconds(text: str) -> float | None:
    if text == "infinity":
        return _FOREVER
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        return None
    return seconds if 0 <= seconds < _FOREVER else None
