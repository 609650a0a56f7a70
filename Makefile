# `make` lists the targets. Everything happens inside .venv, installed from the lock files.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
INSTALLED := .venv/.installed
PYTEST := $(BIN)/python -m pytest -q -n auto --dist loadgroup

.PHONY: help setup demo check lint test proof soak bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) ## make .venv and install everything into it (at once when nothing changed)

$(INSTALLED): requirements-dev.txt pyproject.toml
	@python=; \
	for name in "$${PYTHON:-python3}" python3.11 python3.12 python3.13 python3.14; do \
	    if "$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "setup: needs Python 3.11 or later with its venv module (Debian: apt install python3-venv);" \
	         "say where it is: make setup PYTHON=/path/to/python3" >&2; exit 3; \
	fi; \
	[ -x $(BIN)/python ] || "$$python" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## the whole loop on one desk; ends by itself
	@$(BIN)/planner demo

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: lint ## style, types, contracts and the quick tests: under a minute
	MMS_TEST_SCALE=check $(PYTEST) -m "not slow"

test: lint ## everything, the built wheel included: under ten minutes
	$(PYTEST)

proof: setup ## the laws again, with larger counts
	MMS_TEST_SCALE=proof $(PYTEST) --timeout=900

soak: setup ## the laws again, with the largest counts: hours
	MMS_TEST_SCALE=soak $(PYTEST) --timeout=0

bench: setup ## timings beside a peer in the same run; ROW=name for one of them
	$(BIN)/python -m tests.bench $(ROW)

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)

lock: setup ## pin what pyproject.toml asks for; UPGRADE=--upgrade takes the newest versions
	$(LOCK) --output-file requirements.txt
	$(LOCK) --all-extras --group dev --output-file requirements-dev.txt

clean: ## remove .venv and everything that tools left behind
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
