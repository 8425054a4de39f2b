"""Starts a package with `python -m`."""

import os
import sys

folder = os.path.dirname(os.path.abspath(__file__))
os.environ["PYTHONPATH"] = folder
os.execv(sys.executable, [sys.executable, "-m", "postbox", *sys.argv[1:]])
