"""Failures that a user can do something about."""


class HotloopError(Exception):
    """A foreseeable failure: its text is one sentence that says what happened and what to do.

    The command line prints it to standard error without a traceback and exits with 2.
    """
