# Every target sets up what it needs, in .venv, from pinned versions; the second call starts at once.

VENV := .venv
# the first of these that is new enough and can make environments; or name one: make lab PYTHON=/path/to/python3
PYTHON := python3 python3.14 python3.13 python3.12 python3.11
# 3.OLDEST up to, not including, 3.TOO_NEW have wheels of everything that is pinned
OLDEST := $(shell sed -n 's/^requires-python = ">=3\.\([0-9]*\),.*/\1/p' pyproject.toml)
TOO_NEW := $(shell sed -n 's/^requires-python = .*,<3\.\([0-9]*\)"/\1/p' pyproject.toml)
# options handed on, e.g. make lab ARGS="--port 9000 --no-browser", make test ARGS="-k judge"
ARGS :=
# what `make lint` leaves to `make links`
IGNORED_LINKS := --check-links-ignore 'https?://.*'
# which of requirements/ the tests run on
PINS := test

# images for containers set it, and then each of the hundreds of processes that start here compiles what it imports
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
# one test file per worker at a time, in the order of tests/conftest.py; one thread each, or the workers' BLAS threads would fight for the cores;
# without the plug-ins of which only a single test, and `make lint`, make use: each process of pytest would import half of Jupyter for them
PYTEST := OPENBLAS_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m pytest -p no:nbval -p no:check-links -n auto --dist loadfile --no-loadscope-reorder
# what needs no Chromium; those that do are not even read, which takes seconds
HERE := --ignore=tests/browser
UV := $(BIN)/uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.$(OLDEST) --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(ARGS)
# what has a lock of its own has the versions of the tests
LIKE_TESTS := --constraints requirements/test.txt

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help lab test test-light test-oldest test-browser build check lint links slides site grade-demo bench screenshots wheel lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

lab: $(VENV)/.lab  ## work through the lessons in JupyterLab
	@$(BIN)/bpkit lab $(ARGS)

test: $(VENV)/.$(PINS)  ## the whole suite, the solved notebooks against their recorded outputs included
	$(PYTEST) $(HERE) $(ARGS)

test-light: $(VENV)/.$(PINS)  ## the suite without what takes long
	$(PYTEST) $(HERE) -m "not slow" $(ARGS)

test-browser: $(VENV)/.$(PINS)  ## what a learner sees, in a real Chromium
	$(PYTEST) --dist loadgroup --loadscope-reorder -m browser -rs tests/browser $(ARGS)

test-oldest:  ## the suite without what takes long, on the oldest versions supported
	$(MAKE) test-light VENV=.venv-oldest PINS=oldest PYTHON=python3.11

build: $(VENV)/.$(PINS)  ## generate notebooks from their sources
	$(BIN)/bpkit build $(ARGS)
	$(BIN)/bpkit build --language zh $(ARGS)

check: lint  ## nothing generated differs from its source; then lint
	$(BIN)/bpkit build --check
	$(BIN)/bpkit build --check --language zh

lint: $(VENV)/.$(PINS)  ## style, formatting, types, spelling, workflows, links within the course
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/python -m pytest --quiet --check-links $(IGNORED_LINKS) *.md lessons

links: $(VENV)/.$(PINS)  ## also the links that lead out of the course; needs a network
	$(MAKE) --no-print-directory lint IGNORED_LINKS=

slides: $(VENV)/.$(PINS)  ## one HTML file per deck, into build/slides
	$(BIN)/bpkit slides --out build/slides $(ARGS)

site: $(VENV)/.$(PINS)  ## the course as static pages, into build/site
	$(BIN)/bpkit site --out build/site $(ARGS)

grade-demo: $(VENV)/.$(PINS)  ## grade a class of thirty made-up students and show what each got
	$(BIN)/python benchmarks/class_of_thirty.py $(ARGS)

bench: $(VENV)-bench/.peers  ## how fast we are, beside our peers, in an environment of their own
	set -e; for each in $(filter-out benchmarks/class_of_thirty.py,$(wildcard benchmarks/*.py)); do $(VENV)-bench/bin/python $$each; done

screenshots: test-browser  ## lesson 05 as a learner sees it, into build/screens; and the README's picture
	cp build/screens/exercise.png README.png

wheel: $(VENV)/.$(PINS)  ## the package, lessons inside, into dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock: $(VENV)/.$(PINS)  ## pin again: make lock ARGS=--upgrade takes the newest; then, for which machines there are wheels
	$(LOCK) --extra dev pyproject.toml -o requirements/test.txt
	$(LOCK) --extra lab --group build $(LIKE_TESTS) pyproject.toml -o requirements/lab.txt
	$(LOCK) --extra grade $(LIKE_TESTS) pyproject.toml -o requirements/grade.txt
	$(LOCK) --extra slides $(LIKE_TESTS) pyproject.toml -o requirements/slides.txt
	$(LOCK) --extra site $(LIKE_TESTS) pyproject.toml -o requirements/site.txt
	$(LOCK) --extra lite $(LIKE_TESTS) pyproject.toml -o requirements/lite.txt
	$(LOCK) --extra grade --extra cluster --group submissions $(LIKE_TESTS) pyproject.toml -o requirements/cluster.txt
	$(LOCK) --extra bench --no-emit-package torch $(LIKE_TESTS) pyproject.toml -o requirements/bench.txt
	$(LOCK) --group build $(LIKE_TESTS) -o requirements/build.txt
	$(LOCK) --group installer $(LIKE_TESTS) -o requirements/uv.txt
	$(LOCK) --extra test --resolution lowest-direct pyproject.toml -o requirements/oldest.txt
	$(BIN)/python requirements/wheels.py

clean:  ## delete what can be made again, but for .venv
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

# ---- setting up ----------------------------------------------------------------------------------------------------------

# a file of ours marks each step that has been done, so that one cut short is done again
$(VENV)/.made:
	@for python in $(PYTHON); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, $(OLDEST)) <= sys.version_info[:2] < (3, $(TOO_NEW)))' 2>/dev/null; then \
	    echo "Setting up $(VENV) with $$($$python --version), once."; \
	    $$python -m venv $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	found=$$(for python in $(PYTHON); do version=$$($$python --version 2>&1) && echo "$$python is $$version,"; done | paste -s -d ' ' -); \
	echo "bpkit's pinned versions need Python 3.$(OLDEST) or newer, but older than 3.$(TOO_NEW), with its modules venv and ensurepip;" \
	  "found: $${found:-none} of which none will do. Debian, Ubuntu: apt install python3-venv. Another one: make lab PYTHON=/path/to/python3" >&2; \
	exit 1

# what is pinned, ourselves, and a look whether it all fits together
INSTALL = $(@D)/bin/python requirements/install.py $< --editable .

$(VENV)/.lab $(VENV)/.test $(VENV)/.oldest: $(VENV)/.%: requirements/%.txt pyproject.toml | $(VENV)/.made
	@echo "Installing the versions pinned in $<; that takes half a minute, or two."
	@$(INSTALL)
	@touch $@

# torch alone is not in the lock: this machine may have a build of its own for it, and a build for GPUs brings what it needs, pinned
$(VENV)-bench/.peers: requirements/bench.txt pyproject.toml
	@$(MAKE) --no-print-directory VENV=$(VENV)-bench $(VENV)-bench/.made
	@echo "Installing the versions pinned in $<, and torch; that takes minutes."
	@$(INSTALL) --then "$$(sed -n 's/^  "\(torch==.*\)",/\1/p' pyproject.toml)"
	@touch $@
