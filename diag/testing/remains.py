"""What can be left of a test, kind by kind: each function looks and changes nothing."""

import os
import threading
from asyncio import AbstractEventLoop, ReadTransport, WriteTransport, all_tasks
from collections.abc import Container, Iterable
from concurrent.futures.thread import _threads_queues
from subprocess import Popen
from sys import _current_frames
from typing import Any

from diag.testing.births import birth
from diag.testing.leaks import Leak
from diag.testing.places import Place, caller, standing, words

_POPEN_NOTE = "_diag_creator"


def tasks(loop: AbstractEventLoop, known: Container[object] = ()) -> dict[object, Leak]:
    """Give the loop's pending tasks."""
    found: dict[object, Leak] = {}
    for task in all_tasks(loop):
        if task in known:
            continue
        coro: Any = task.get_coro()
        noted = birth(task)
        found[task] = Leak(
            kind="task",
            name=getattr(coro, "__qualname__", None) or type(coro).__qualname__,
            created=words(noted.creator) if noted and noted.creator else "",
            waiting=standing(coro),
        )
    return found


def threads(known: Container[object] = ()) -> dict[object, Leak]:
    """Give the live threads but for the main one, those of executors among them."""
    found: dict[object, Leak] = {}
    workers: Any = _threads_queues
    for thread in threading.enumerate():
        if thread in known or thread in {threading.main_thread(), threading.current_thread()}:
            continue
        kind = "executor worker" if thread in workers else "thread"
        found[thread] = Leak(kind=kind, name=thread.name, waiting=_stands(thread))  # type: ignore[arg-type] # one of the two
    return found


def workers(loop: Any, known: Container[object] = ()) -> dict[object, Leak]:
    """Give the workers of the loop's default executor that are busy: to close the loop waits for them."""
    pool = getattr(getattr(loop, "_default_executor", None), "_threads", None) or ()
    return {
        thread: Leak(kind="executor worker", name=thread.name, waiting=place)
        for thread in list(pool)
        if thread not in known and (place := _stands(thread))
    }


def _stands(thread: threading.Thread) -> str:
    frame = _current_frames().get(thread.ident or 0)
    library = os.path.dirname(threading.__file__)  # noqa: PTH120 - compared as text
    while frame is not None and frame.f_back is not None and _is_library(frame.f_code.co_filename, library):
        frame = frame.f_back
    if frame is None or _is_library(frame.f_code.co_filename, library):
        return ""
    place: Place = frame.f_code, frame.f_lasti
    return words(place)


def _is_library(file: str, library: str) -> bool:
    return file.startswith(library) and "site-packages" not in file


def endpoints(loop: Any, known: Container[object] = ()) -> dict[object, Leak]:
    """Give the open connections and servers of asyncio's own loop; uvloop does not show its own."""
    found: dict[object, Leak] = {}
    for transport in list((getattr(loop, "_transports", None) or {}).values()):
        if transport not in known and not transport.is_closing():
            found[transport] = Leak(kind="connection", name=_ends(transport))
    selector = getattr(loop, "_selector", None)
    for key in list((selector.get_map() or {}).values()) if selector is not None else ():
        reader: Any = key.data[0] if isinstance(key.data, tuple) else None
        pipe: Any = getattr(getattr(reader, "_callback", None), "__self__", None)
        if isinstance(pipe, ReadTransport | WriteTransport):
            if pipe not in known and pipe not in found and _is_open_pipe(pipe):
                found[pipe] = Leak(kind="connection", name=f"pipe {key.fd}")
            continue
        listens = getattr(getattr(reader, "_callback", None), "__name__", "") == "_accept_connection"
        if listens and (sock := reader._args[1]) not in known:
            found[sock] = Leak(kind="server", name=_address(sock.getsockname()))
    return found


def _is_open_pipe(transport: Any) -> bool:
    """Whether a pipe is open and somebody's own: those of a subprocess end with it."""
    protocol = type(getattr(transport, "_protocol", None)).__name__
    return not transport.is_closing() and not protocol.endswith("SubprocessPipeProto")


def _ends(transport: Any) -> str:
    local, remote = (transport.get_extra_info(name) for name in ("sockname", "peername"))
    if not remote:
        return _address(local)
    return f"{_address(local)} to {_address(remote)}"


def _address(name: Any) -> str:
    """Write a socket's address; ports differ from run to run, and say which is which all the same."""
    if isinstance(name, tuple) and len(name) >= 2:  # noqa: PLR2004 - host and port
        return f"{name[0]}:{name[1]}"
    return str(name or "unnamed socket")


def generators(loop: Any, known: Container[object] = ()) -> dict[object, Leak]:
    """Give the async generators that were begun and never came to their end, of asyncio's own loop."""
    return {
        generator: Leak(kind="async generator", name=generator.__qualname__, waiting=standing(generator))
        for generator in list(getattr(loop, "_asyncgens", None) or ())
        if generator.ag_frame is not None and generator not in known
    }


def processes(made: Iterable[Popen[Any]], known: Container[object] = ()) -> dict[object, Leak]:
    """Give those of the subprocesses that still run; they are not waited for, so that whoever does finds them."""
    return {
        process: Leak(
            kind="subprocess", name=_command(process.args), created=getattr(process, _POPEN_NOTE, "")
        )
        for process in made
        if process.returncode is None and process not in known and _runs(process.pid)
    }


def note_creator(process: Popen[Any], frame: Any) -> None:
    """Note on a subprocess who made it."""
    while frame is not None and frame.f_code.co_filename.endswith(("/subprocess.py", "/multiprocessing/")):
        frame = frame.f_back
    place = caller(frame)
    setattr(process, _POPEN_NOTE, words(place) if place else "")


def _runs(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except (ChildProcessError, OSError):
        return False


def _command(arguments: Any) -> str:
    text = (
        arguments
        if isinstance(arguments, str)
        else " ".join(map(str, arguments))
        if isinstance(arguments, list | tuple)
        else str(arguments)
    )
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a line's worth
