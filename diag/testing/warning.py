"""The category of the plugin's warnings."""


class DiagWarning(UserWarning):
    """A test leaks or spins, and the check is to warn only."""
