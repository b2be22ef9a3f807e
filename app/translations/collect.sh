#!/bin/sh
# Collects the texts of the core and of each plugin and brings their catalogues up to date. A language is a folder of app/translations:
# to begin a new one, make its folder. New texts stay empty until somebody translates them; those that are gone leave.
set -eu
bin=$1

collect() { # name, folder of its catalogues, folders to look in
    template=.build/messages/$1.pot
    catalogues=$2
    shift 2
    "$bin/pybabel" -q extract -F babel.cfg -k translatable --add-location=file --sort-by-file -w 120 --project=Tidings -o "$template" "$@"
    for folder in app/translations/*/; do
        "$bin/pybabel" -q update --init-missing --ignore-pot-creation-date --no-fuzzy-matching --ignore-obsolete -w 120 \
            -i "$template" -d "$catalogues" -l "$(basename "$folder")"
    done
}

mkdir -p .build/messages
collect core app/translations app forms themes
for manifest in plugins/*/manifest.toml; do
    plugin=$(dirname "$manifest")
    collect "$(basename "$plugin")" "$plugin/translations" "$plugin"
done
