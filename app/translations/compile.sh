#!/bin/sh
# Compiles every catalogue: what is read at run time.
set -eu
bin=$1
for catalogues in app/translations plugins/*/translations; do
    test -d "$catalogues" && "$bin/pybabel" -q compile -d "$catalogues"
done
