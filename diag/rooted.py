"""Paths inside another root directory, such as a container's: its symbolic links lead to places in it, not here."""

import os

_MOST_LINKS = 40
"""As in the kernel (man 7 path_resolution)."""


def inside(path: str, root: str = "/") -> str:
    """Give the path under which we find what a process of another root calls `path`.

    Args:
        path: absolute.
        root: the process's root directory as seen from here, such as /proc/PID/root.

    Returns:
        A path without symbolic links below the root, whether there is anything or not; `path` itself where the root
        is ours.
    """
    if root == "/":
        return path
    waiting = path.split("/")[::-1]
    done: list[str] = []
    links = 0
    while waiting:
        part = waiting.pop()
        if part == "..":
            del done[-1:]
        elif part not in {"", "."}:
            target = _link("/".join([root.rstrip("/"), *done, part])) if links < _MOST_LINKS else None
            if target is None:
                done.append(part)
                continue
            links += 1
            if target.startswith("/"):
                done.clear()
            waiting += target.split("/")[::-1]
    return "/".join([root.rstrip("/"), *done])


def _link(path: str) -> str | None:
    """Read a symbolic link; None where there is none."""
    try:
        return os.readlink(path)  # noqa: PTH115 - strings; many a file
    except OSError:
        return None
