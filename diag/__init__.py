"""Find the loop that burns a core in any running Python process."""

__version__ = "0.1.0"
