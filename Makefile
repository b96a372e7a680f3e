# The commands of Task Lake. `make` lists them; each sets up what it needs, once.
# Whatever a command's own exit code, make's is 2 on any failure: that is make's rule.

SHELL := /bin/bash
.DEFAULT_GOAL := help

LAKE ?= .lake

# A value reaches the command through the environment and unexpanded, so that quotes, spaces and $ survive.
$(foreach name,EVENTS LOGS FAULTS SEED SHARDS USER_BUCKETS LAKE FILE SQL PARAMS ENGINE FORMAT CHART NAME TABLE VERSION RESUME \
  RETENTION_DAYS CHANGES_PER_DAY USERS LOG_LINES QUERIES MONTHS DAYS STAGE SINCE STORE DRY_RUN FROM_DATE TO_DATE MAINTENANCE WAIT \
  YES SOURCE_STREAM LOG_GROUPS FORWARDER_CONCURRENCY BRONZE_YEARS ALARM_EMAIL MONTHLY_BUDGET \
  BYTES_SCANNED_CUTOFF RUN_SCHEDULE MAINTENANCE_SCHEDULE DELETE_DATA JOB ARGS DRIVER_MEMORY MEMORY VALIDATION PAGE,$(if $(filter-out undefined,$(origin $(name))),\
  $(eval override export $(name) := $$(value $(name)))))

BIN := .venv/bin
SHELL_FILES := .ci/run docker/glue docker/inside
# With STAGE=<stage> a command is for the lake on AWS, without it for the one on this machine.
WHERE := $(if $(STAGE),operations,local)
# pip keeps quiet about itself, and asks nobody anything.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

# A stamp carries its lock's hash: what is installed is what the lock says, and an unchanged lock costs nothing.
hash_of = $(firstword $(shell cat $(1) | cksum))
RUN_STAMP := .venv/run-$(call hash_of,requirements/build.txt requirements/run.txt)
DEV_STAMP := .venv/dev-$(call hash_of,requirements/dev.txt)
JAR_STAMP := .jars/from-$(call hash_of,versions.toml)
EMULATOR_STAMP := .emulator/ready-$(call hash_of,requirements/emulator.txt)
CHECKOV_STAMP := .checkov/ready-$(call hash_of,requirements/checkov.txt)
RUN_READY := $(RUN_STAMP) $(JAR_STAMP)
DEV_READY := $(RUN_READY) $(DEV_STAMP)
GLUE_LOCKS := requirements/build.txt requirements/glue.txt requirements/glue-tests.txt
GLUE_PIP = $(BIN)/python -m pip --python .glue/bin/python install --quiet --require-hashes
GLUE_STAMP := .glue/from-$(call hash_of,$(GLUE_LOCKS))

.PHONY: help setup run replay start query trino-stop gold gold-list gold-rollback cost scan-budgets rebuild rebuild-ledger \
  replay-quarantine maintain new-gold new-query test test-cases test-readme test-crash test-dynamodb test-aws test-cluster \
  test-athena test-validation validate test-glue glue-run glue-test glue-shell glue-notebook fetch check bench package named-queries deploy status teardown lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile

# Besides: SHARDS=<of the stream>, USER_BUCKETS=<folders that share the users of a day>; `python -m local run --help`.
run: $(RUN_READY) ## Run the lake on a generated day, or EVENTS=, LOGS=<.jsonl or .jsonl.gz>; FAULTS=<profile> SEED=<n>, LAKE=<folder>
	@$(BIN)/python -m local run

replay: $(RUN_READY) ## Hand over again what failed and lies in the lake's failure stores; LAKE=<folder>, or STAGE=<stage> SINCE=<day> STORE=<prefix> DRY_RUN=1
	@$(BIN)/python -m $(WHERE) replay

start: $(RUN_STAMP) ## Start a run of the lake on AWS; STAGE=<stage>, FROM_DATE=<day> TO_DATE=<day>, MAINTENANCE=1, WAIT=1 to follow it
	@$(BIN)/python -m operations start

query: $(RUN_READY) ## Ask the lake: FILE=<.sql> or SQL="select …", PARAMS="…"; ENGINE=duckdb|trino|athena, FORMAT=table|csv|json, CHART=1, LAKE=<folder>
	@$(BIN)/python -m local query

trino-stop: $(RUN_READY) ## Stop the Trino that ENGINE=trino left running; LAKE=<folder>
	@$(BIN)/python -m local.trino stop

gold: $(RUN_READY) ## Build the Gold tables whose SELECT or whose rows in Silver changed; RESUME=<table held by a rollback>, ENGINE=duckdb|trino, LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) gold

gold-list: $(RUN_READY) ## List the versions of each Gold table; LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) gold-list

gold-rollback: $(RUN_READY) ## Show a former version of TABLE=<Gold table> again; VERSION=<of gold-list>, LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) gold-rollback

cost: $(RUN_READY) ## Say what the lake costs a month: CHANGES_PER_DAY=, USERS=, LOG_LINES=; STAGE=<deployed> beside what it used; FORMAT=table|csv|json
	@$(BIN)/python -m operations cost

scan-budgets: $(RUN_READY) ## Compare what each SQL file will scan, after the stated growth, with its budget; LAKE=<folder>
	@$(BIN)/python -m local scan-budgets

rebuild: $(RUN_READY) ## Make Silver from all of Bronze, from nothing; LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) rebuild

rebuild-ledger: $(RUN_READY) ## List Bronze, and add to the ledger what it lacks; LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) rebuild-ledger

replay-quarantine: $(RUN_READY) ## Send what lies in silver.quarantine through again; LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) replay-quarantine

maintain: $(RUN_READY) ## Compact Silver, expire snapshots older than RETENTION_DAYS=<n>, delete orphans; LAKE=<folder> or STAGE=<stage>
	@$(BIN)/python -m $(WHERE) maintain

new-gold: $(RUN_READY) ## Make a Gold table that builds, with its suite and test cases; NAME=<table>
	@$(BIN)/python -m athena_queries new-gold

new-query: $(RUN_READY) ## Make an analyst's file that answers something, with its test cases; NAME=<query>
	@$(BIN)/python -m athena_queries new-query

test: $(DEV_READY) ## Run every test that needs no server
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-cases: $(DEV_READY) ## Run the test cases of every SQL file, in seconds
	@$(BIN)/python -m pytest -q --durations=0 --durations-min=9 tests/unit/athena_queries/test_cases.py

test-readme: $(DEV_READY) ## Run what the README tells a newcomer to type
	@$(BIN)/python -m pytest tests/readme

test-crash: $(DEV_READY) ## Kill every job before each kind of its commits: after the next run Silver must not differ
	@$(BIN)/python -m pytest -n 2 tests/crash

test-dynamodb: $(DEV_READY) ## Run a real table's stream through the lake's ingestion, on DynamoDB Local
	@$(BIN)/python -m local.jars dynamodb-local
	@$(BIN)/python -m pytest tests/dynamodb

test-aws: $(DEV_READY) $(EMULATOR_STAMP) ## Deploy the templates to an emulator that enforces IAM, and run every component there under its own role
	@$(BIN)/python -m local.jars aws
	@$(BIN)/python -m pytest tests/aws

test-cluster: $(DEV_READY) ## Run the jobs on a Spark cluster of two workers
	@$(BIN)/python -m pytest tests/cluster

test-athena: $(DEV_READY) ## Run every query and case on Trino 476, Athena's engine, beside DuckDB
	@$(BIN)/python -m local.trino fetch
	@$(BIN)/python -m pytest tests/athena

test-glue: $(DEV_READY) $(GLUE_STAMP) ## Start the jobs as Glue does, and run the Spark tests, where Python has just what Glue's has
	@$(BIN)/python -m local.jars aws
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/glue

# These need Docker and AWS's image, and nothing of this Makefile's set-up: docs/glue-image.md.
glue-run: ## Run a job in the image that AWS ships: JOB=<name>, LAKE=<folder> or s3://<bucket> with AWS_PROFILE, ARGS="--REBUILD true"
	@docker/glue run

glue-test: ## Run the Spark tests in that image; ARGS=<of pytest>
	@docker/glue test

glue-shell: ## Open pyspark in that image, on the lake's catalog; LAKE=<folder> or s3://<bucket>
	@docker/glue shell

glue-notebook: ## Open JupyterLab in that image, on the lake's catalog; LAKE=<folder> or s3://<bucket>
	@docker/glue notebook

test-validation: $(DEV_READY) ## Run the five validations: each must hold, and docs/validation.md must say what they find
	@$(BIN)/python -m pytest tests/validation

fetch: $(DEV_READY) $(EMULATOR_STAMP) $(GLUE_STAMP) ## Fetch what the lanes run on, once: DynamoDB Local, the jars and the emulator of AWS, what Glue has, Trino
	@$(BIN)/python -m local.jars dynamodb-local
	@$(BIN)/python -m local.jars aws
	@$(BIN)/python -m local.trino fetch

check: $(DEV_READY) $(CHECKOV_STAMP) ## Check style, types, import contracts, SQL and templates, as CI does
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/sqlfluff lint --disable-progress-bar athena_queries
	$(BIN)/python -m athena_queries lint
	$(BIN)/cfn-lint infra/*.yaml crawlers/*.yaml
	.checkov/bin/checkov --config-file .checkov.yaml --file infra/*.yaml crawlers/*.yaml
	$(BIN)/shellcheck $(SHELL_FILES)
	$(BIN)/hadolint docker/Dockerfile

validate: $(RUN_READY) ## Validate the lake as the decision record demands, and write docs/validation.md; VALIDATION=load|end-to-end|cost|errors|schema-evolution
	@$(BIN)/python -m validation

bench: $(DEV_READY) ## Time the stages of a run, the handler, the laptop's Firehose, Silver and Gold
	@$(BIN)/python -m benchmarks.stages
	@$(BIN)/python -m benchmarks.handler
	@$(BIN)/python -m benchmarks.bronze
	@$(BIN)/python -m benchmarks.silver
	@$(BIN)/python -m benchmarks.gold

package: $(RUN_STAMP) ## Make the functions' deployment package and the archive of the jobs' code, in build/
	@$(BIN)/python -m infra.package

named-queries: $(RUN_STAMP) ## Write infra/named_queries.yaml, the SQL files as Athena's saved queries
	@$(BIN)/python -m infra.named_queries

# Besides: ALARM_EMAIL=, MONTHLY_BUDGET=, RUN_SCHEDULE=, USER_BUCKETS= and others: `python -m operations deploy --help`.
deploy: $(RUN_STAMP) ## Deploy the lake to AWS, or bring it to this commit: STAGE=<name>; SOURCE_STREAM=<arn>, LOG_GROUPS=<access>[,<app>], YES=1
	@$(BIN)/python -m operations deploy

status: $(RUN_STAMP) ## Say how the lake on AWS does: freshness, runs, failures, alarms, cost; STAGE=<name>
	@$(BIN)/python -m operations status

teardown: $(RUN_STAMP) ## Take the lake on AWS down: STAGE=<name>; its data stays unless DELETE_DATA=1; YES=1
	@$(BIN)/python -m operations teardown

setup: $(RUN_READY) ## Install what a run needs (every command does it by itself), and repair missing jars
	@$(BIN)/python -m local.jars

lock: $(DEV_READY) ## Renew the lock files from requirements/*.in; pins stay unless UPGRADE=1
	@$(BIN)/python -m infra.glue_requirements
	@set -e; for name in build run lambda dev checkov emulator glue glue-tests glue-image glue-notebook; do \
	  $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-emit-index-url --allow-unsafe --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
	    requirements/$$name.in --output-file requirements/$$name.txt; \
	done

clean: ## Delete what set-up and tools made; lakes stay
	@rm -rf .venv .jars .checkov .emulator .glue .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache spark-warehouse
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up ---

# Without a matching stamp the environment is made anew: one that was half installed, or holds an older lock's
# packages, is never mended in place.
$(RUN_STAMP):
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.11 python3) ""; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && break; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'No Python 3.11 here: install it (Debian: python3.11-venv), or say where it is: make PYTHON=/path/to/python3.11 …' >&2; exit 2; \
	fi; \
	echo 'Setting up, once: Spark and its libraries, 1.2 GB in .venv (0.5 GB to download), and 2 jars, 61 MB in .jars.'; \
	rm -rf .venv && "$$python" -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/build.txt
	@$(call pip_install,requirements/run.txt)
	@touch $@

$(JAR_STAMP): | $(RUN_STAMP)
	@$(BIN)/python -m local.jars
	@rm -f .jars/from-*; touch $@

# The run's stamp goes while this one's packages come: killed half way, the next set-up starts anew.
$(DEV_STAMP): | $(RUN_READY)
	@echo 'Setting up the tools of tests and checks, once: 0.4 GB in .venv.'
	@rm -f $(RUN_STAMP) .venv/dev-*
	@$(call pip_install,requirements/dev.txt)
	@touch $(RUN_STAMP) $@

# An environment of its own: checkov's boto3 is not Glue's.
$(CHECKOV_STAMP): | $(RUN_STAMP)
	@echo 'Setting up checkov, once: 0.3 GB in .checkov.'
	@rm -rf .checkov && $(BIN)/python -m venv .checkov
	@.checkov/bin/python -m pip install --quiet --require-hashes -r requirements/checkov.txt
	@touch $@

# An environment of its own: the emulator's botocore is not Glue's.
$(EMULATOR_STAMP): | $(RUN_STAMP)
	@echo 'Setting up the AWS emulator, once: 0.15 GB in .emulator.'
	@rm -rf .emulator && $(BIN)/python -m venv .emulator
	@.emulator/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/emulator.txt
	@touch $@

# Just what Glue's Python has, by AWS's own list, and what the jobs ask for; what tests need besides lies apart from it.
# The system's Python, where there is one, can be run by a user who owns nothing.
$(GLUE_STAMP): | $(RUN_STAMP)
	@echo 'Setting up what Glue has, once: 1.3 GB in .glue (0.5 GB to download).'
	@rm -rf .glue; /usr/bin/python3.11 -m venv --without-pip .glue 2>/dev/null || $(BIN)/python -m venv --without-pip .glue
	@$(GLUE_PIP) -r requirements/build.txt
	@$(GLUE_PIP) --no-build-isolation -r requirements/glue.txt
	@$(GLUE_PIP) --no-deps --target .glue/tests -r requirements/glue-tests.txt
	@touch $@

# pip names each package as it takes it up: a terminal sees them counted. Its errors come by stderr, untouched.
define pip_install
set -o pipefail; count=0; total=$$(grep -c == $(1)); \
$(BIN)/python -m pip install --require-hashes --no-build-isolation -r $(1) | while read -r word _; do \
  [ -t 1 ] || continue; \
  case $$word in \
    Collecting|Requirement) count=$$((count + 1)); printf '\r  package %d of %d' $$count $$total ;; \
    Installing) printf '\r  installing, about half a minute …' ;; \
    Successfully) printf '\r\033[K' ;; \
  esac; \
done
endef
