"""The `diag` command."""

import sys

from diag.cli import run


def main() -> int:
    """Run `diag` with the process's arguments and answer its exit code."""
    return run("diag", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
