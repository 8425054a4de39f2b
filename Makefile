# Every target does its own set-up in a private virtual environment, .venv.
PYTHON ?= python3
RUN := .venv/bin

.PHONY: help report test lint types bench corpus venv clean
.DEFAULT_GOAL := help

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

report: .venv/ready ## Reproduce the incident and write reports/latest/index.html (about 5 minutes)
	@$(RUN)/repro run

test: .venv/ready ## Lint, check types, run the tests
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/diag lint .
	@$(RUN)/mypy
	@$(RUN)/pytest

lint: .venv/ready ## Lint and check the format
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/diag lint .

types: .venv/ready ## Check types
	@$(RUN)/mypy

bench: .venv/ready ## Measure the project's speed, peers beside it, and print a table of ratios
	@$(RUN)/python -m benchmarks

corpus: .venv/ready ## Inspect sick and healthy processes and judge the answers (CORPUS=DIR VENVS=DIR ONLY=NAMES RUNS=N NEIGHBOUR=1)
	@$(RUN)/python -m benchmarks.corpus $(if $(CORPUS),--corpus "$(CORPUS)") $(if $(VENVS),--venvs "$(VENVS)") \
		$(if $(ONLY),--only "$(ONLY)") $(if $(RUNS),--runs $(RUNS)) $(if $(NEIGHBOUR),--neighbour) $(if $(OUTPUT),-o "$(OUTPUT)")

venv: .venv/ready ## Build .venv with all that the other targets need

.venv/ready: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "hotloop needs Python >= 3.11: there is no $(PYTHON) (Debian, Ubuntu: apt install python3-venv; or make PYTHON=/path/to/python)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "hotloop needs Python >= 3.11, and $(PYTHON) is $$($(PYTHON) -V): make PYTHON=/path/to/python" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module: install it (Debian, Ubuntu: apt install python3-venv; Fedora: dnf install python3) and try again" >&2; exit 2; }
	@echo "Setting up .venv (a minute or two, once)"
	@$(PYTHON) -m venv --clear .venv
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch .venv/ready

clean: ## Remove what was built, reports apart
	rm -rf .venv .tox .cache .mypy_cache .pytest_cache .ruff_cache build dist
