# `make` alone lists the targets. Each is a line or two that you could type yourself;
# the environment that they run in, .venv, is made when it is missing.

PYTHON ?= python3
PIP_INSTALL = .venv/bin/python -m pip install --disable-pip-version-check --quiet

.PHONY: help demo tour test live clients check readme bounds clean venv

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

demo: .venv/installed  ## Run one sample on the emulator; no Azure account needed
	.venv/bin/python -m emulator run python/responses-basic-aoai-v1.py

tour: .venv/installed  ## Run every sample on the emulator
	.venv/bin/python -m emulator tour

test: .venv/installed  ## Run the whole test suite
	.venv/bin/python -m pytest

live: .venv/installed  ## Run the samples against the service that your .env names
	.venv/bin/python -m pytest --live

clients: .venv/installed  ## Run the clients that people use against the emulator
	.venv/bin/python -m pytest -m clients -rP tests/clients

check: .venv/installed-dev  ## Run the linter, the formatter's check and the type checker
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m pyright --pythonpath .venv/bin/python

readme: .venv/installed  ## Write the README's table of samples from their docstrings
	.venv/bin/python -m scripts.samples_table

bounds: .venv/installed  ## Write the bounds of requirements.txt into the samples' headers
	.venv/bin/python -m scripts.bounds

clean:  ## Remove .venv and all caches
	rm -rf .venv .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A file in .venv is written only after pip has finished, so that an interrupted
# installation is not taken for a finished one.
.venv/installed: requirements.txt
	@echo "Installing requirements.txt into .venv (once; it takes a minute or two) ..."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing requirements-dev.txt into .venv ..."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

# A .venv that was left half made, that has lost its Python, or whose Python is too
# old is made anew; one that works is left as it is.
ifneq ($(shell .venv/bin/python -c 'import sys, pip; print(sys.version_info >= (3, 11))' 2>/dev/null),True)
.venv/installed: venv
endif

venv:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo >&2 "Python 3.11 or newer is needed; $(PYTHON) is not it."; \
	  echo >&2 "If you have one under another name: make PYTHON=python3.12 $(MAKECMDGOALS)"; \
	  exit 1; }
	@"$(PYTHON)" -m venv --clear .venv || { \
	  echo >&2 "Could not make .venv. On Debian and Ubuntu: sudo apt install python3-venv"; \
	  exit 1; }
