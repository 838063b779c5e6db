# Everything a person does here, from a fresh machine to a loaded warehouse. What a target does in detail lives in the
# packages and in pyproject.toml, not here. Plain sh and GNU make 3.81 are enough.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The uv that is fetched when the machine has none. Any recent one does; pinned so that two machines get the same.
UV_VERSION := 0.13.8

# What `make test` hands to pytest and the other targets to revhouse: make test ARGS="-k settings", make load ARGS=--accept-drop
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Its own, because half a gigabyte of Spark is of no use to anything else here.
SPARK_VENV := .venv-spark
SPARK_BIN := $(SPARK_VENV)/bin
SPARK_INSTALLED := $(SPARK_VENV)/.installed
PACKAGES := ingestion revhouse orchestration expectations publication

LOCKED := --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --quiet

# Compiled at install, because importing dbt and Dagster uncompiled costs seconds at every start.
export UV_COMPILE_BYTECODE := 1
# Another environment being active must not divert what is installed here.
unexport VIRTUAL_ENV

.PHONY: help
help:  ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo ""
	@echo "First time: make run. It installs what it needs into this folder, makes a sample company and loads it."

.PHONY: install
install: $(INSTALLED)  ## Install exactly what requirements.lock pins into .venv (done by the others when needed)

.PHONY: run
run: $(INSTALLED)  ## Load whatever is in data/ (a sample company if there is nothing) and show what happened
	@# 4 says that some file was refused. The summary has shown which and why; for a person at a terminal that is no failed make.
	@$(BIN)/revhouse run --sample-if-empty $(ARGS) || test $$? -eq 4

.PHONY: test
test: $(INSTALLED)  ## Run every test
	@# The tests of a file stay together, so that what they share is built once; files come in the order of tests/conftest.py.
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: mutate
mutate: $(INSTALLED)  ## Change the checklist rules one by one and see whether the written cases notice (ARGS="C05 B01" for some)
	@$(BIN)/python -m tests.dbt_project.mutate $(ARGS)

.PHONY: parity
parity: $(SPARK_INSTALLED)  ## Build on DuckDB and on Spark and compare every row; results also in build/parity.json (needs Java 17)
	@$(SPARK_BIN)/python -m pytest -q tests/parity
	@$(SPARK_BIN)/python -m parity $(ARGS)

.PHONY: spark
spark: $(SPARK_INSTALLED)  ## Install what requirements-spark.lock pins into .venv-spark (done by parity when needed)

.PHONY: lint
lint: $(INSTALLED)  ## Check style, SQL, types and which package may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@if [ -n "$$(find dbt_project -name '*.sql' -not -path '*/target/*')" ]; then set -x; $(BIN)/sqlfluff lint --processes 0 dbt_project/models dbt_project/tests; fi
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

.PHONY: format
format: $(INSTALLED)  ## Rewrite the code in house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if [ -n "$$(find dbt_project -name '*.sql' -not -path '*/target/*')" ]; then set -x; $(BIN)/sqlfluff fix dbt_project; fi

.PHONY: ui
ui: $(INSTALLED) .dagster/dagster.yaml  ## Open Dagster with the assets and their lineage (Ctrl-C ends it)
	@echo "Dagster is about to warn that it does not use dagster.yaml. It does: the copy in .dagster, where it keeps its history."
	@# The filter silences the advice to start it with another tool, which is not installed here.
	@DAGSTER_HOME="$(CURDIR)/.dagster" PYTHONWARNINGS='ignore:Function `dev_command` is superseded' \
		$(BIN)/dagster dev -m orchestration.definitions $(ARGS)

.PHONY: sample
sample: $(INSTALLED)  ## Write a sample company's exports to data/ (ARGS="--preset medium" for a bigger one)
	@$(BIN)/revhouse sample $(ARGS)

.PHONY: load
load: $(INSTALLED)  ## Load new and changed files from data/landing and data/infohub
	@$(BIN)/revhouse load $(ARGS)

.PHONY: status
status: $(INSTALLED)  ## Show what the warehouse holds
	@$(BIN)/revhouse status $(ARGS)

.PHONY: truth
truth: $(INSTALLED)  ## Compare what was found in the sample company with what was planted in it, rule by rule (after make run)
	@$(BIN)/revhouse truth $(ARGS)

.PHONY: bench
bench: $(INSTALLED)  ## Measure the loaders against bare DuckDB and PyYAML; results also in build/bench.json
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: sources
sources: $(INSTALLED)  ## Write what dbt is told about raw tables from the contracts (after a change in ingestion/contracts)
	@$(BIN)/python -m revhouse.dbt_sources $(ARGS)

.PHONY: lock
lock: $(VENV)/.tools-ready  ## Pin the newest allowed versions in both locks (after a change in pyproject.toml)
	@. ./$(VENV)/.tools-ready && "$$uv" pip compile pyproject.toml --group dev $(LOCKED) --output-file requirements.lock
	@# What both environments have is the same in both.
	@. ./$(VENV)/.tools-ready && "$$uv" pip compile pyproject.toml --group dev --extra spark --constraint requirements.lock \
		$(LOCKED) --no-annotate --output-file requirements-spark.lock

.PHONY: clean
clean:  ## Remove what building and testing left; data/, .dagster/, .venv/ and .venv-spark/ stay
	rm -rf build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache .tmp_dagster_home_* \
		dbt_project/target dbt_project/logs logs
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up ---------------------------------------------------------------------------------------------------------------------

# Writes which uv to use into a file. Makes .venv with it, unless there is one whose Python works and is new enough.
# A candidate is run, not just looked up: version managers leave commands behind that only print an error.
$(VENV)/.tools-ready: Makefile
	@python=""; \
	for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed and was not found (tried python3.11 to python3.14, python3 and python on the PATH)." >&2; \
		echo "Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or name one:" >&2; \
		echo "  make $(or $(MAKECMDGOALS),install) PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	uv=uv; \
	if ! uv --version >/dev/null 2>&1; then \
		uv=.tools/bin/uv; \
		if ! "$$uv" --version >/dev/null 2>&1; then \
			if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
				echo "$$python cannot make virtual environments: its venv or ensurepip module is missing." >&2; \
				echo "Install it (Debian, Ubuntu: apt-get install python3-venv), or install uv yourself (pip install uv), then try again." >&2; \
				exit 1; \
			fi; \
			echo "Fetching uv $(UV_VERSION), the installer, into .tools"; \
			rm -rf .tools && "$$python" -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || exit 1; \
		fi; \
	fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		rm -rf $(VENV) && "$$uv" venv --quiet --python "$$(command -v "$$python")" $(VENV) || exit 1; \
	fi; \
	echo "uv=$$uv" > $@

$(INSTALLED): requirements.lock pyproject.toml $(VENV)/.tools-ready
	@echo "Installing the packages that requirements.lock pins into $(VENV) (a minute or two the first time)"
	@. ./$(VENV)/.tools-ready && \
		"$$uv" pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock && \
		"$$uv" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# PySpark is built here, by the setuptools that is pinned too.
$(SPARK_INSTALLED): requirements-spark.lock pyproject.toml $(VENV)/.tools-ready
	@echo "Installing the packages that requirements-spark.lock pins into $(SPARK_VENV) (about 900 MB, a few minutes the first time)"
	@. ./$(VENV)/.tools-ready && \
		{ $(SPARK_BIN)/python -c '' 2>/dev/null || "$$uv" venv --quiet --clear --python $(BIN)/python $(SPARK_VENV); } && \
		"$$uv" pip sync --quiet --require-hashes --build-constraints requirements-spark.lock --python $(SPARK_BIN)/python \
			requirements-spark.lock && \
		"$$uv" pip install --quiet --python $(SPARK_BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Dagster puts its history beside its settings. Both go into a folder of their own: the settings that are edited stay in the
# project's folder, and its history does not spread there. (Relative paths in dagster.yaml would depend on where it is started.)
.dagster/dagster.yaml: dagster.yaml
	@mkdir -p .dagster && cp dagster.yaml $@
