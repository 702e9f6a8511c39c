# `make` alone lists the targets. Each is a line or two that you could type yourself;
# the environment that they run in, .venv, is made when it is missing, and filled when
# it lacks something.

PYTHON ?= python3

.PHONY: help demo tour test live clients check readme gallery bounds install clean
.PHONY: venv environment environment-dev
.NOTPARALLEL:

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

demo: environment  ## Run one sample on the emulator; no Azure account needed
	.venv/bin/python -m responses_emulator run --python .venv/bin/python python/responses-basic-aoai-v1.py

tour: environment  ## Run every sample on the emulator
	.venv/bin/python -m responses_emulator tour --python .venv/bin/python

test: environment-dev  ## Run the whole test suite
	.venv/bin/python -m pytest -n 2

live: environment-dev  ## Run the samples against the service that your .env names
	.venv/bin/python -m pytest --live

clients: environment-dev  ## Run the clients that people use against the emulator
	.venv/bin/python -m pytest -m clients -rPs emulator/tests/clients

check: environment-dev  ## Run the linter, the formatter's check and the type checker
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m pyright --pythonpath .venv/bin/python

readme: environment  ## Write the README's table of samples from their docstrings
	.venv/bin/python -m scripts.samples_table

gallery: environment-dev  ## Write a page for each sample; MODEL_URL=... has a model answer
	.venv/bin/python -m gallery $(if $(MODEL_URL),--model-url "$(MODEL_URL)")

bounds: environment  ## Write the bounds of requirements.txt into the samples' headers
	.venv/bin/python -m scripts.bounds

install: environment-dev  ## Fill .venv with all of that, and start nothing

clean:  ## Remove .venv and all caches
	rm -rf .venv site emulator/build .hypothesis .pytest_cache .ruff_cache *.egg-info emulator/src/*.egg-info uv.lock
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What .venv lacks is looked for each time. A file that says "installed" would not know
# what was uninstalled since then, by `uv sync` for one, which takes pip away as well.
# Nothing is compiled beforehand: most modules are never imported, and to compile them
# took a third of the time.
environment: venv
	@$(call fill,requirements.txt)

environment-dev: venv
	@$(call fill,requirements-dev.txt)

define fill
if ! .venv/bin/python -m scripts.lacking $(1) >/dev/null 2>&1; then \
  echo "Installing $(1) into .venv (it may take a minute or two) ..."; \
  .venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip >/dev/null; \
  .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-compile -r $(1); \
fi
endef

# A .venv that has lost its Python, or whose Python is too old or cannot install, is
# made anew; one that works is left as it is.
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
CAN_INSTALL = from importlib.util import find_spec; \
  assert find_spec("pip") or find_spec("ensurepip")

venv:
	@if ! .venv/bin/python -c '$(CAN_INSTALL); $(NEW_ENOUGH)' 2>/dev/null; then \
	  "$(PYTHON)" -c '$(NEW_ENOUGH)' || { \
	    echo >&2 "Python 3.11 or newer is needed; $(PYTHON) is not it."; \
	    echo >&2 "If you have one under another name: make PYTHON=python3.12 $(MAKECMDGOALS)"; \
	    exit 1; }; \
	  "$(PYTHON)" -m venv --clear .venv || { \
	    echo >&2 "Could not make .venv. On Debian and Ubuntu: sudo apt install python3-venv"; \
	    exit 1; }; \
	fi
