SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT
STAMP := .make

.PHONY: help run serve test check bench soak coverage-study migrate messages clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(STAMP)/venv: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11+ is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/dev: requirements-dev.txt $(STAMP)/venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(STAMP)/messages: $(wildcard translations/*/LC_MESSAGES/*.po) $(STAMP)/venv
	$(BIN)/pybabel --quiet compile --directory translations
	@touch $@

$(STAMP)/browser: tests/browser.sh
	bash tests/browser.sh
	@mkdir -p $(STAMP) && touch $@

run: $(STAMP)/messages       ## the demo: builds it once, prints the address and the accounts, serves it
	DEMO=1 $(BIN)/python -m survey_app.serve

serve: $(STAMP)/messages     ## a real instance, after `flask init`
	$(BIN)/python -m survey_app.serve

test: $(STAMP)/dev $(STAMP)/messages $(STAMP)/browser   ## every test, on SQLite and PostgreSQL, with a real browser
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --reruns 1 --only-rerun "TimeoutError: (Page|Locator)"

check: $(STAMP)/dev          ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)/dev $(STAMP)/messages          ## ratios against a baseline of the same run
	$(BIN)/python -m bench

soak: $(STAMP)/dev $(STAMP)/messages   ## long runs: kills under load, every acknowledged response stored once
	$(BIN)/python -m bench.soak

coverage-study: $(STAMP)/dev ## simulated coverage and error rates, into docs/methods.md
	$(BIN)/python -m bench.coverage --write docs/methods.md
	$(BIN)/python -m tests.analysis.reference_table --write docs/methods.md

migrate: $(STAMP)/venv       ## bring the database of the settings to the newest revision
	$(BIN)/alembic upgrade head

messages: $(STAMP)/dev       ## collect texts of pages and code into the English catalog
	$(BIN)/pybabel --quiet extract --width 110 --mapping babel.cfg --no-location --sort-output --output translations/messages.pot .
	$(BIN)/pybabel --quiet update --width 110 --no-fuzzy-matching --input-file translations/messages.pot --output-dir translations --ignore-pot-creation-date
	rm translations/messages.pot

clean:           ## remove what the targets made, keep the data
	rm -rf $(VENV) $(STAMP)
