"""File descriptors: a view is a connection, and a connection is one."""

import resource

from diag.errors import HotloopError

BESIDE_VIEWS = 64
"""Descriptors for all else: the interpreter, the event loops, health checks."""


def make_room(views: int) -> None:
    """Raise this process's soft limit on open files as far as `views` need it.

    Raises:
        HotloopError: the hard limit is too low.
    """
    needed = views + BESIDE_VIEWS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise HotloopError(
            f"{views:,} views need {needed:,} open files and the limit here is {hard:,}: "
            f"open at most {max(0, hard - BESIDE_VIEWS):,} views, or raise it as root (ulimit -Hn {needed})."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else hard, hard))
