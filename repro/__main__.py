"""The `repro` command."""

import sys

from diag.cli import run


def main() -> int:
    """Run `repro` with the process's arguments and answer its exit code."""
    return run("repro", sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
