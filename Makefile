# The commands of this project. On a machine with Python 3.11+ and make: `make demo`, `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_FLAGS := --quiet --disable-pip-version-check --no-input

.PHONY: demo test check format lock bench bench-scale clean help

help:  ## Show the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/run.done: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.x") if sys.version_info < (3, 11) else None'
	@echo "Installing the pinned packages into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install $(PIP_FLAGS) --require-hashes -r requirements/run.txt
	@$(BIN)/pip install $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements/dev.txt
	@$(BIN)/pip install $(PIP_FLAGS) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/bench.done: $(VENV)/dev.done requirements/bench.txt
	@$(BIN)/pip install $(PIP_FLAGS) --require-hashes -r requirements/bench.txt
	@touch $@

demo: $(VENV)/run.done  ## Run the main job on an embedded PostgreSQL and folders
	@$(BIN)/broker demo

test: $(VENV)/dev.done  ## Run every test on a private RabbitMQ and PostgreSQL
	@$(BIN)/python -m tests.support.servers
	@$(BIN)/pytest $(ARGS)

bench: $(VENV)/bench.done  ## Measure end to end on private servers, as ratios in one run
	@$(BIN)/python -m tests.support.servers
	@$(BIN)/python -m bench --json bench/results/latest.json --pictures bench/results $(ARGS)

bench-scale: $(VENV)/bench.done  ## Measure how cost grows: workers, batch, size, stored rows, tenants
	@$(BIN)/python -m tests.support.servers
	@$(BIN)/python -m bench.scale --json bench/results/scale.json --pictures bench/results $(ARGS)

check: $(VENV)/dev.done  ## Format, lint, types, import contracts, the tree itself
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q tests/tree

format: $(VENV)/dev.done  ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(VENV)/dev.done  ## Pin every package again, with hashes
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade pyproject.toml requirements/build.in --output-file requirements/run.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements/dev.in --constraint requirements/run.txt --output-file requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements/bench.in --constraint requirements/run.txt --constraint requirements/dev.txt --output-file requirements/bench.txt

clean:  ## Remove what was built or installed here
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
