VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# As many processes as cores, each with whole files, whose tests share what they build.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile
DEMO := build/demo/runtime

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast prove lint check bench bench-quick docs picture clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml scripts/venv
	scripts/venv $(VENV)

demo: $(READY) ## Bring a real Erlang/OTP and Elixir runtime and slim it
	$(BIN)/python -m demo.layer $(DEMO)
	$(BIN)/slim build $(DEMO) --max 65MB --output build/demo/runtime.zip

test: $(READY) ## Run the whole test suite, real artifacts included
	$(PYTEST)

test-fast: $(READY) ## Run the tests that need no real artifacts
	$(PYTEST) -m "not heavy and not real"

prove: $(READY) ## Prove the large layers, SAM and CDK too, and hold verify against AWS's emulator
	$(BIN)/python -m pytest -m heavy
	$(BIN)/python -m conformance

lint: $(READY) ## Check format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test demo ## Run everything that CI runs

bench: $(READY) ## Measure against find, zip and careful hands; writes build/bench.json too
	$(BIN)/python -m bench

bench-quick: $(READY) ## Measure the demo's layer for a minute
	$(BIN)/python -m bench quick

docs: $(READY) ## Write the manual's page of codes, tables of options and of evidence, and chart of sizes
	$(BIN)/python -m scripts.codes_page
	$(BIN)/python -m scripts.option_tables
	$(BIN)/python -m scripts.settings_schema
	$(BIN)/python -m scripts.evidence_table
	$(BIN)/python -m scripts.sizes_chart

picture: $(READY) ## Take the manual's pictures of HTML pages, of the demo's layer
	$(BIN)/python -m demo.layer $(DEMO)
	$(BIN)/slim build $(DEMO) --max 65MB --output build/demo/runtime.zip --html build/demo/report.html
	$(BIN)/python -m demo.picture build/demo/report.html docs/report.png
	$(BIN)/slim inspect $(DEMO) --html build/demo/inspect.html
	$(BIN)/python -m demo.picture build/demo/inspect.html docs/inspect.png

clean: ## Remove the environment, downloads and everything built
	rm -rf $(VENV) build dist
