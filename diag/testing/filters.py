"""What is left and yet no leak: each default filter is a function with a reason, and users add their own by pattern."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from diag.testing.leaks import Leak

Filter = Callable[[Leak], bool]
"""Whether a leak is to be left out."""


def default_executor(leak: Leak) -> bool:
    """The idle workers of the loop's default executor (`asyncio.to_thread`): the loop ends them when it is closed."""
    return leak.kind == "executor worker" and leak.name.startswith("asyncio_") and not leak.waiting


def waiting_workers(leak: Leak) -> bool:
    """Workers that anyio and trio keep for the next call; they end by themselves."""
    return leak.kind == "thread" and leak.name.startswith(
        ("AnyIO worker thread", "Trio thread", "trio.to_thread")
    )


def test_runners(leak: Leak) -> bool:
    """The task in which anyio's plugin runs tests and fixtures, and what pytest-asyncio keeps for a fixture."""
    runners = ("TestRunner._run_tests_and_fixtures", "_wrap_asyncgen_fixture", "BaseEventLoop.shutdown_")
    return leak.kind == "task" and leak.name.startswith(runners)


def test_machinery(leak: Leak) -> bool:
    """Threads of pytest's plugins, debuggers, coverage and the check itself, and those that Python knows no name of."""
    names = (
        "pytest_timeout",
        "pytest-timeout",
        "execnet",
        "Dummy-",
        "pydevd",
        "debugpy",
        "coverage",
        "diag-",
    )
    at_home = ("/pytest_", "/xdist/", "/execnet/")
    return leak.kind == "thread" and (
        leak.name.startswith(names) or any(part in leak.waiting for part in at_home)
    )


def ending_waiters(leak: Leak) -> bool:
    """Threads that asyncio makes to wait for a subprocess: the subprocess itself is what would leak."""
    return leak.kind == "thread" and "waitpid-" in leak.name


DEFAULT: tuple[Filter, ...] = (
    default_executor,
    waiting_workers,
    test_runners,
    test_machinery,
    ending_waiters,
)


def matching(patterns: Iterable[str]) -> Filter:
    """Make a filter of patterns (as in the shell: `*`, `?`) that are held against names, creators and kinds.

    A name matches as a whole, by its last part, or as part of where it was created: `read_log`, `*.heartbeat`,
    `Pool-*`, `*/site-packages/lib/*`, `connection`.
    """
    wanted = tuple(patterns)

    def matches(leak: Leak) -> bool:
        file = leak.created.rpartition("(")[2].rpartition(":")[0]
        texts = (leak.name, leak.name.rpartition(".")[2], leak.created.partition(" (")[0], file, leak.kind)
        return any(fnmatchcase(text, pattern) for pattern in wanted for text in texts if text)

    return matches


def kept(leaks: Iterable[Leak], filters: Iterable[Filter]) -> list[Leak]:
    """Give the leaks that no filter leaves out."""
    used = tuple(filters)
    return [leak for leak in leaks if not any(one(leak) for one in used)]
