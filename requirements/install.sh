#!/bin/sh
# Installs a pinned set of requirements and Tidings itself into a virtual environment: with uv when it is there, else with pip.
set -eu
bin=$1
pins=$2
if [ -x "$bin/uv" ]; then
    "$bin/uv" pip install -q --python "$bin/python" -r "$pins"
    "$bin/uv" pip install -q --python "$bin/python" --no-deps -e .
else
    "$bin/python" -m pip install -q --disable-pip-version-check -r "$pins"
    "$bin/python" -m pip install -q --disable-pip-version-check --no-deps -e .
fi
