"""The benchmarks are no installed package: these tests find them beside the tests' folder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
