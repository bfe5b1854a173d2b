PYTHON ?= python3.11
PROFILE ?= quick
BIN := .venv/bin

# Settings of the user's that would change what pages show; tools/book.py has its own.
unexport MPLBACKEND MATPLOTLIBRC JUPYTER_PATH IPYTHONDIR PYTHONSTARTUP

.DEFAULT_GOAL := help
.PHONY: help book test lint fuzz format serve lab refresh bench clean

help: ## describe the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

book: .venv/installed ## build the book into _build/html (PROFILE=full: more seeds, larger sweeps)
	@$(BIN)/python tools/book.py build --profile $(PROFILE)

test: book lint ## build the book if need be, then run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval --nbval-cell-timeout 300 book
	$(BIN)/python -m pytest -n 2 -rs --doctest-modules tests lib

fuzz: .venv/installed ## try what nobody expects on every public function, record files and the command line
	FUZZ_EXAMPLES=1000 $(BIN)/python -m pytest -q -n 2 tests/test_hostile.py tests/test_hostile_records.py

lint: .venv/installed ## check style, formatting (the pages' too), types and directions of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/installed ## mend style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: book ## show the book at http://localhost:8000
	@$(BIN)/python tools/book.py serve

lab: .venv/lab ## edit and run the pages in JupyterLab
	@$(BIN)/python tools/book.py lab

refresh: .venv/installed ## execute the committed notebooks anew, with default parameters
	@$(BIN)/python tools/book.py refresh

bench: .venv/installed ## compare with C, torch and JAX, side by side: six to ten minutes on an idle machine
	$(BIN)/python bench/bench.py

clean: ## remove everything built (the environment in .venv stays)
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

# The environment belongs to one folder: in a copy or a moved tree it is made to fit again.
ifneq ($(shell cat .venv/installed 2>/dev/null),$(CURDIR))
.PHONY: .venv/installed
endif

.venv/installed: requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11 or name one: make PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))" || { echo "error: $(PYTHON) is not Python 3.11; name one: make PYTHON=..." >&2; exit 2; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@echo $(CURDIR) > $@

.venv/lab: .venv/installed requirements-lab.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-lab.txt
	@touch $@
