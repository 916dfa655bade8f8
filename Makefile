# `make run` sells from the sample store; `make test` runs every test. Both do their own set-up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_DIR := build/run
WORKERS ?= auto

.PHONY: run test check bench fmt setup setup-test translations lock clean
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## the cashier's till on the sample store; without a display a scripted checkout into build/run/
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/python main.py till --sample --data build/sample-till --device-bench; \
	else \
		$(BIN)/python main.py demo --out $(RUN_DIR); \
	fi

test: setup-test ## every test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: setup ## style, types, layers, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python packaging/translations.py check

bench: setup ## every figure of the performance goals, into build/bench.json
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks.run_all

fmt: setup ## formats all code
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .

translations: setup ## collects new sentences into the translation files and compiles them
	$(BIN)/python packaging/translations.py update

setup: $(VENV)/.ready ## everything needed to run

setup-test: setup
	@./packaging/install-debian-libraries.sh test

$(VENV)/.ready: requirements.lock pyproject.toml packaging/debian-libraries.txt packaging/install-debian-libraries.sh
	@PYTHON=$(PYTHON) ./packaging/install-debian-libraries.sh run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock: setup ## resolves the newest allowed versions into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --all-extras --generate-hashes \
		--no-emit-index-url --no-annotate --python-version 3.11 \
		--custom-compile-command "make lock" --output-file requirements.lock

clean: ## takes away what was built
	rm -rf build dist $(VENV)
