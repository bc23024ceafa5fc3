.PHONY: setup lock demo test truth check clean

# Everything runs in .venv, made from the lock.
PYTHON ?= python3
BIN := .venv/bin

setup: .venv/.done

.venv/.done: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

# Versions and hashes of everything, without the address of any index.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock:
	$(LOCK) pyproject.toml --extra postgresql -o requirements.lock
	$(LOCK) pyproject.toml --extra dev --extra postgresql -c requirements.lock -o requirements-dev.lock
	echo "uv==$$($(BIN)/uv --version | cut -d' ' -f2)" | $(LOCK) - -o requirements-uv.lock

demo: setup
	$(BIN)/desirelines demo

test: setup
	$(BIN)/python -m pytest

# Hours; what was scored before is kept in .truth, and a run that was stopped goes on.
truth: setup
	$(BIN)/python -m benchmarks.truth --results .truth --readme README.md

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint docker/Dockerfile

clean:
	rm -rf .venv build dist demo *.egg-info
