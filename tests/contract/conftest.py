"""Sample plugins can be imported by their own names."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "sample_plugins"))
