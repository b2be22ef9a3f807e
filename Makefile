# Tidings: `make run` starts it, `make test` tests it, `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
MINUTES ?= 10
STAMP := $(VENV)/.runtime
DEV_STAMP := $(VENV)/.dev
ASSETS := themes/default/static/dist/manifest.json
CATALOGUES := .build/catalogues
PEERS := .build/peers/node_modules/.package-lock.json
TRANSLATED := $(wildcard app/translations/*/LC_MESSAGES/*.po plugins/*/translations/*/LC_MESSAGES/*.po)
ASSET_SOURCES := $(shell find themes/default/assets -path '*/node_modules' -prune -o -type f -print 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run test lint types imports docs check bench fuzz scores assets messages lock screenshots system-parts clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: $(STAMP) $(ASSETS) $(CATALOGUES) ## install what is needed, migrate and start Tidings
	@$(BIN)/tidings run

test: $(DEV_STAMP) $(ASSETS) $(CATALOGUES) $(PEERS) system-parts ## install what tests need and run the whole suite
	@$(BIN)/python -m compileall -q -j 0 app connectors forms plugins tidings tests
	@$(BIN)/python -m pytest -n $$(($$(nproc 2>/dev/null || echo 2) + 1)) --dist loadgroup --max-worker-restart 0 -q --durations=25 --durations-min=5

lint: $(DEV_STAMP) ## style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(DEV_STAMP) ## static types
	@$(BIN)/mypy

imports: $(DEV_STAMP) ## direction of imports
	@$(BIN)/lint-imports

docs: $(DEV_STAMP) ## the documentation's promises: hooks, guide, tour
	@$(BIN)/python -m pytest -q tests/architecture

check: lint types imports docs ## everything static

bench: $(DEV_STAMP) $(PEERS) ## figures side by side with a bare reference
	@$(BIN)/python -m bench

fuzz: $(DEV_STAMP) $(PEERS) ## bend mails at random for MINUTES=10 and see whether reading or writing them fails
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

scores: $(DEV_STAMP) ## how mail is read, by the score_all.py of the folder SCORES=/path/to/it
	@$(BIN)/uv run -q --no-project --python $(BIN)/python --with-requirements $(or $(SCORES),$(error Say where the scores are: make scores SCORES=/path/to/them))/requirements.txt \
		python $(SCORES)/score_all.py --cmd "$(BIN)/tidings parse-email" --verify "$(BIN)/tidings verify-webhook"

assets: $(ASSETS) ## build what browsers load

messages: $(STAMP) ## collect the texts to translate into the catalogues
	@sh app/translations/collect.sh $(BIN)

lock: $(DEV_STAMP) ## resolve the pinned requirements anew
	@$(BIN)/uv pip compile -q --no-header --no-annotate --no-emit-index-url requirements/dev.in -o requirements/dev.txt
	@$(BIN)/uv pip compile -q --no-header --no-annotate --no-emit-index-url -c requirements/dev.txt requirements/runtime.in -o requirements/runtime.txt

screenshots: $(DEV_STAMP) $(ASSETS) $(CATALOGUES) ## take the pictures of the README anew
	@PYTHONPATH=. $(BIN)/python docs/screenshots.py

system-parts: $(DEV_STAMP)
	@sh tests/system-parts.sh

clean: ## remove what was built, keep the data
	@find app plugins -name '*.mo' -delete
	@rm -rf $(VENV) .build themes/default/static/dist themes/default/assets/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tidings needs Python 3.11 or newer; set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make virtual environments here. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv 2>/dev/null || echo "uv is not available, pip is used instead (slower)."

$(STAMP): requirements/runtime.txt setup.cfg | $(BIN)/python
	@sh requirements/install.sh $(BIN) requirements/runtime.txt
	@touch $@

$(DEV_STAMP): requirements/dev.txt setup.cfg | $(BIN)/python
	@sh requirements/install.sh $(BIN) requirements/dev.txt
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true # tests start many processes; some samples of libraries cannot be compiled
	@touch $@ $(STAMP)

$(ASSETS): $(ASSET_SOURCES) | $(BIN)/python
	@$(BIN)/python themes/default/assets/build.py
	@touch $@

$(PEERS): tests/peers/package-lock.json | $(DEV_STAMP)
	@sh tests/peers/install.sh $(BIN)

$(CATALOGUES): $(TRANSLATED) | $(STAMP)
	@sh app/translations/compile.sh $(BIN)
	@mkdir -p $(@D) && touch $@
