# Each target first installs what it needs into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install -qq --disable-pip-version-check
# Tests write and delete thousands of small databases: in memory, where there are 8 GB for them.
MEMORY := $(shell df -k --output=avail /dev/shm 2>/dev/null | awk 'NR > 1 && $$1 > 8000000 {print "TMPDIR=/dev/shm"}')
# The tests run in one order, so that a failure can be repeated: `make test SEED=7` takes another.
SEED ?= 1
# Two test workers: one per core of a small machine. A third makes all of them slower.
PYTEST := $(MEMORY) $(BIN)/python -m pytest -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs pictures site coverage floors pythons audit sbom release-check bench peers torture mutants clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runs ## play five days of a fictional company, without credentials
	@mkdir -p build
	@$(BIN)/atsbridge demo --report build/demo-report.html

test: $(VENV)/.tests ## run all tests except the long ones
	$(PYTEST) -m "not torture" --randomly-seed $(SEED) --durations 25

check: $(VENV)/.tests ## check format, lint, types, layers, security, deploy files, pages, and laws of the tree
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports --no-cache
	$(BIN)/bandit -q -c pyproject.toml -r src plugins/greenhouse/src plugins/lever/src plugins/ashby/src plugins/files/src plugins/apprise/src plugins/teams-bot/src
	$(BIN)/python tools/check_deploy.py
	$(BIN)/python tools/build_site.py
	$(BIN)/python -m pytest -q -p no:randomly tests/docs tests/laws

format: $(VENV)/.tests ## format the code and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.tests ## write the generated pages and the picture of a clock anew
	$(BIN)/python tools/json_reference.py
	$(BIN)/python tools/scopes_reference.py
	$(BIN)/python tools/explain_picture.py

site: $(VENV)/.tests ## build the site of the documentation into build/site
	$(BIN)/python tools/build_site.py

pictures: $(VENV)/.tests ## draw the pictures of the README anew (the report needs chromium)
	$(BIN)/python tools/explain_picture.py
	$(BIN)/python tools/report_picture.py

# The packages that do no I/O, and the tests that mirror them.
PURE := model worktime rules cases presentation ports
coverage: $(VENV)/.tests ## report the branch coverage of the pure packages (HTML in build/coverage)
	$(PYTEST) --cov --cov-report=term:skip-covered --cov-report=html $(wildcard $(addprefix tests/,$(PURE)))

floors: $(VENV)/.tests ## smoke test with the lowest library versions that pyproject.toml allows
	.ci/smoke $(BIN)/python lowest-direct

pythons: $(VENV)/.tests ## smoke test with the newest versions on the other supported Pythons
	.ci/pythons

audit: $(VENV)/.tests ## compare the tested versions with known vulnerabilities (needs a network)
	$(BIN)/python tools/audit.py

sbom: $(VENV)/.tests ## write the software bill of materials to build/sbom.cdx.json
	$(BIN)/python tools/sbom.py

release-check: $(VENV)/.tests ## build all packages, install them on each Python, play the demo there
	$(BIN)/python tools/release_check.py

bench: $(VENV)/.tests ## measure the speed goals, as ratios within one run (about 15 minutes)
	$(BIN)/python -m benchmarks

peers: $(VENV)/.tests ## compare with other tools, each in an environment of its own (needs a network)
	$(BIN)/python -m benchmarks.peers

torture: $(VENV)/.tests ## run kill loops, long fuzzing and the fault matrix (about an hour)
	$(BIN)/python -m pytest -m torture --timeout 3600

mutants: $(VENV)/.mutants ## list changes of MODULE=cases/lifecycle that no test notices (SAMPLE=100, TESTS=...)
	@nice $(BIN)/python tools/mutants.py $(MODULE) $(TESTS) --sample $(or $(SAMPLE),0)

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("atsbridge needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian, apt-get install python3-venv"; exit 1; }

$(VENV)/.runs: pyproject.toml plugins/greenhouse/pyproject.toml plugins/lever/pyproject.toml plugins/ashby/pyproject.toml plugins/files/pyproject.toml requirements-dev.txt | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..."
	@$(PIP) --constraint requirements-dev.txt -e ".[slack]" -e plugins/greenhouse -e plugins/lever -e plugins/ashby -e plugins/files
	@touch $@

$(VENV)/.tests: $(VENV)/.runs requirements-dev.txt plugins/apprise/pyproject.toml plugins/teams-bot/pyproject.toml
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --no-deps -e plugins/apprise -e plugins/teams-bot
	@touch $@

$(VENV)/.mutants: $(VENV)/.tests requirements-mutants.txt
	@$(PIP) --constraint requirements-dev.txt -r requirements-mutants.txt
	@touch $@
