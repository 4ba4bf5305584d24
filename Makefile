# `make` prints the menu. Everything here works on a machine with Python 3.11 (or newer) and make, nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
BIN := .venv/bin
ARGS :=

RUN := .venv/.run
DEV := .venv/.dev
# What runs from here keeps its compiled modules: a start that compiles all that it imports takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

SETUP := pyproject.toml constraints.txt tools/setup.sh tools/console_assets.py tools/console/package-lock.json

.PHONY: help
help: ## Print this menu
	@echo 'Balcão: one counter behind every sales channel.'
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)$$/make \1|\2/p' Makefile | while IFS='|' read -r command text; do \
		printf '  %-14s %s\n' "$$command" "$$text"; done

.PHONY: setup
setup: $(RUN) ## Make .venv in this folder; .venv/bin/balcao is the command then

.PHONY: demo
demo: $(RUN) ## Run a sample shop and play whole orders through the API (ARGS=--exit ends afterwards)
	@$(BIN)/balcao demo $(ARGS)

.PHONY: test
test: $(DEV) ## Run the tests, on an embedded PostgreSQL (ARGS='tests/rules -x' goes to pytest)
	@$(BIN)/pytest $(ARGS)

.PHONY: test-pg15
test-pg15: $(DEV) ## Run the tests on the system's oldest PostgreSQL, or on BALCAO_TEST_DATABASE_URL
	@$(BIN)/python tools/system_postgres.py $(BIN)/pytest $(ARGS)

.PHONY: check
check: $(DEV) ## Format, lint, imports, types, house rules: what needs no running shop
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/pytest tests/house tests/rules

.PHONY: format
format: $(DEV) ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: schema
schema: $(DEV) ## Rewrite the committed schema from the migrations
	@$(BIN)/python tools/write_schema.py

.PHONY: docs
docs: $(DEV) ## Rewrite the pages that are made from the code: routes, settings, lifecycle
	@$(BIN)/python tools/write_docs.py

.PHONY: screenshots
screenshots: $(DEV) ## Take pictures of every page of the console, of which docs/pictures keeps the best
	@$(BIN)/python tools/screenshots.py

.PHONY: pins
pins: ## Pin the newest version of every dependency in constraints.txt
	@tools/setup.sh pins

.PHONY: clean
clean: ## Remove .venv and everything that tools left behind
	@rm -rf .venv src/balcao/doors/console/static/vendor build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .grimp_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(RUN): $(SETUP)
	@tools/setup.sh run

$(DEV): $(SETUP)
	@tools/setup.sh dev
