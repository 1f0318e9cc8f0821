# make demo: see a German issue in out/.   make test: run the tests.   Both need only Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test install dev lint quality bench soak clean

demo: install
	$(BIN)/lagebrief demo --out out

test: dev
	$(BIN)/python -m pytest

install: $(VENV)/.installed
dev: $(VENV)/.dev

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lagebrief needs Python 3.11 or newer: make PYTHON=python3.11 demo")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

quality: dev
	$(BIN)/python tests/quality/gate.py

bench: dev
	$(BIN)/python benchmarks/reading_feeds.py
	$(BIN)/python benchmarks/reading_articles.py
	$(BIN)/python benchmarks/stories.py
	$(BIN)/python benchmarks/search.py

soak: dev
	$(BIN)/python -m pytest -m soak

clean:
	rm -rf $(VENV) out build dist
