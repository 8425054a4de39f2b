"""What holds for every test."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C be sent to what tests start: a shell that runs them in the background has it ignored, and that is inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
