# Python 3.11 or later and git are enough: everything else is installed into .venv.
.DEFAULT_GOAL := help
.PHONY: run test lint browser-test clean help

# Passed on to pytest: make test ARGS="tests/cases -x"
ARGS ?=
PREPARE := @PYTHON="$(PYTHON)" sh .make/prepare.sh
BIN := .venv/bin

run: ## start the bot and its sandbox on this machine
	$(PREPARE) run
	@exec $(BIN)/python app.py

test: ## run the tests; those in a browser too where there is a Chromium
	$(PREPARE) dev
	@exec $(BIN)/python -m pytest $(ARGS)

browser-test: ## run the tests that drive a browser
	$(PREPARE) dev
	@exec $(BIN)/python -m pytest -m browser $(ARGS)

lint: ## check style, form and types
	$(PREPARE) dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean: ## remove what was installed and cached; data/ stays
	@rm -rf .venv sandbox/page/node_modules .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## show these lines
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST) | awk -F': ' '{ printf "  make %-14s %s\n", $$1, $$2 }'
