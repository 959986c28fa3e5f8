# Python 3.11 or later and git are enough: everything else is installed into .venv.
.DEFAULT_GOAL := help
.PHONY: run test lint browser-test faults faults-plants clean help

# Passed on to pytest: make test ARGS="tests/cases -x"
ARGS ?=
# Processes that share the tests; 0 is one that can be debugged. Many tests wait for what real
# processes do: one more than there are processors keeps these busy.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# How much make faults does, and from which seed.
SEED ?= 1
SEEDS ?= 1
CASES ?= 60
KILLS ?= 8
STORE_KILLS ?= 2
PAUSES ?= 2
CUTS ?= 1
PREPARE := @PYTHON="$(PYTHON)" sh .make/prepare.sh
BIN := .venv/bin

run: ## start the bot and its sandbox on this machine
	$(PREPARE) run
	@exec $(BIN)/python app.py

test: ## run the tests; those in a browser too where there is a Chromium
	$(PREPARE) dev
	@exec $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 16 --dist worksteal $(ARGS)

browser-test: ## run the tests that drive a browser
	$(PREPARE) dev
	@exec $(BIN)/python -m pytest -m browser $(ARGS)

faults: ## kill, halt and cut off real processes: make faults SEEDS=10 CASES=1000 KILLS=30
	$(PREPARE) dev
	@$(BIN)/python -m tests.faults --targeted
	@exec $(BIN)/python -m tests.faults --seed $(SEED) --seeds $(SEEDS) --cases $(CASES) --kills $(KILLS) \
		--store-kills $(STORE_KILLS) --pauses $(PAUSES) --cuts $(CUTS)

faults-plants: ## see that the faults' rig finds defects that are planted in the bot
	$(PREPARE) dev
	@exec $(BIN)/python -m pytest tests/faults/check_plants.py $(ARGS)

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
