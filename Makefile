# Everything a fresh machine needs is made on the way: a virtual environment in .venv, then the target.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install -qq --disable-pip-version-check
# Two test workers, one for each core of a small machine.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test check format floors pythons bench torture mutants clean

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runs ## watch a few days of a fictional company: no credentials, no questions
	@$(BIN)/atsbridge demo

test: $(VENV)/.tests ## all tests but the long ones
	$(PYTEST) -m "not torture"

check: $(VENV)/.tests ## format, lint, types, import laws, docs in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -p no:randomly tests/docs tests/laws

format: $(VENV)/.tests ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

floors: $(VENV)/.tests ## the lowest versions of every library that pyproject.toml allows
	.ci/smoke $(BIN)/python lowest-direct

pythons: $(VENV)/.tests ## the newest versions, on every other Python there is
	.ci/pythons

bench: $(VENV)/.tests ## the speed goals, as ratios within one run (about 15 minutes)
	$(BIN)/python -m benchmarks

torture: $(VENV)/.tests ## kill loops, long fuzzing, every list disturbed in every way (about an hour)
	$(BIN)/python -m pytest -m torture --timeout 3600

mutants: $(VENV)/.mutants ## which changes of MODULE=cases/lifecycle its tests do not notice (SAMPLE=100, TESTS=...)
	@nice $(BIN)/python tools/mutants.py $(MODULE) $(TESTS) --sample $(or $(SAMPLE),0)

clean: ## forget the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("atsbridge needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }

$(VENV)/.runs: pyproject.toml plugins/greenhouse/pyproject.toml plugins/lever/pyproject.toml requirements-dev.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP) --constraint requirements-dev.txt -e . -e plugins/greenhouse -e plugins/lever
	@touch $@

$(VENV)/.tests: $(VENV)/.runs requirements-dev.txt plugins/apprise/pyproject.toml
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --no-deps -e plugins/apprise
	@touch $@

$(VENV)/.mutants: $(VENV)/.tests requirements-mutants.txt
	@$(PIP) --constraint requirements-dev.txt -r requirements-mutants.txt
	@touch $@
