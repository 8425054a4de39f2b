"""The exception that ends a test whose event loop would never come to rest."""


class Stopped(SystemExit):
    """Raised in the loop's thread. As a SystemExit it leaves `run_forever`, and is no Ctrl-C for pytest."""

    def __init__(self, message: str = "diag: the event loop spins") -> None:
        super().__init__(message)
