# Two commands matter: `make demo` and `make test`. Everything else is for people who change the code.
# Needed: Python 3.11 or newer with venv, and make. Nothing is installed outside .venv.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 3
export UV_PYTHON_DOWNLOADS = never
export PYTEST_DISABLE_PLUGIN_AUTOLOAD = 1

.PHONY: help demo serve test check format types lint bench lock reference messages screenshots clean
.DELETE_ON_ERROR:

help:
	@echo "make demo         install, start, load the demo company and serve it at http://127.0.0.1:8000"
	@echo "make test         the whole test suite"
	@echo "make check        format, lint, types, import contracts, migrations"
	@echo "make bench        the benchmarks, written to bench/results.json"
	@echo "make reference    write docs/reference/commands.md and settings.md from the program"
	@echo "make messages     collect what the program says into its translations, and compile them"
	@echo "make lock         resolve the dependencies again and write the two lock files"
	@echo "make screenshots  every page as a picture in build/gallery, and those of the documents (needs Chromium)"

# --- the two environments: runtime for `demo`, runtime and tools for the rest -----------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Wherewithal needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`."; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@if [ -f $(VENV)/.dev ]; then :; else echo "Installing what Wherewithal needs (hash-checked, about a minute) ..."; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Wherewithal and the development tools (hash-checked, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

# --- run ---------------------------------------------------------------------------------------------------

demo: $(VENV)/.runtime
	@$(BIN)/wherewithal demo $(ARGS)

serve: $(VENV)/.runtime
	@$(BIN)/wherewithal serve $(ARGS)

# --- prove -------------------------------------------------------------------------------------------------

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint types
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src

types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

reference: $(VENV)/.dev
	$(BIN)/python -m wherewithal.cli.reference docs/reference

messages: $(VENV)/.dev
	$(BIN)/python -m wherewithal.site.messages $(ARGS)

screenshots: $(VENV)/.dev
	$(BIN)/python -m docs.screenshots --gallery build/gallery $(ARGS)

# --- maintain ----------------------------------------------------------------------------------------------

lock: | $(BIN)/python
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv lock $(ARGS)
	$(BIN)/python -m uv export --quiet --frozen --no-emit-project --no-header --no-annotate --no-default-groups --group build -o requirements.lock
	$(BIN)/python -m uv export --quiet --frozen --no-emit-project --no-header --no-annotate --no-default-groups --group build --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist src/*.egg-info
