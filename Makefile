# The commands of Task Lake. `make` lists them; each sets up what it needs, once.
# Whatever a command's own exit code, make's is 2 on any failure: that is make's rule.

SHELL := /bin/bash
.DEFAULT_GOAL := help

LAKE ?= .lake
comma := ,

# A variable that was not set, as in STAGE=$UNSET, must not send a command to the lake on this machine; nor may what is only
# the laptop's answer from there as if it were the stage. Both stop before anything is set up.
ifeq ($(origin STAGE) $(strip $(value STAGE)),command line )
  $(error STAGE is empty: say STAGE=<stage>, or leave it out for the lake on this machine)
endif
not_for = $(if $(filter $(1),$(MAKECMDGOALS)),$(error $(3) is not for $(1)$(2)))
ifneq ($(strip $(value STAGE)),)
  $(call not_for,query,: ENGINE=athena asks AWS,STAGE)
  $(call not_for,run,$(comma) which is the laptop's: `make start STAGE=$(value STAGE)` runs the lake on AWS,STAGE)
  $(call not_for,scan-budgets,: it is the laptop's,STAGE)
  $(call not_for,trino-stop,: it is the laptop's,STAGE)
endif
ifneq ($(strip $(value FORMAT)),)
  $(call not_for,status,: it prints lines$(comma) and exits with 1 if one is red,FORMAT)
endif

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

##@ Laptop

setup: $(RUN_READY) ## Install what a run needs (every command does it by itself), and repair missing jars
	@$(BIN)/python -m local.jars

# Besides: SHARDS=<of the stream>, USER_BUCKETS=<folders that share the users of a day>; `python -m local run --help`.
run: $(RUN_READY) ## Run the lake on a generated day, or EVENTS= LOGS=; FAULTS=, SEED=, LAKE=<folder>
	@$(BIN)/python -m local run

query: $(RUN_READY) ## Ask: FILE=<.sql> or SQL="…", PARAMS=; ENGINE=duckdb|trino|athena, FORMAT=, CHART=1
	@$(BIN)/python -m local query

trino-stop: $(RUN_READY) ## Stop the Trino that ENGINE=trino left running; LAKE=<folder>
	@$(BIN)/python -m local.trino stop

scan-budgets: $(RUN_READY) ## Compare what each SQL file will scan with its budget; LAKE=<folder>
	@$(BIN)/python -m local scan-budgets

##@ SQL and Gold

new-query: $(RUN_READY) ## Make an analyst's file that answers something, with its test cases; NAME=<query>
	@$(BIN)/python -m athena_queries new-query

new-gold: $(RUN_READY) ## Make a Gold table that builds, with its suite and test cases; NAME=<table>
	@$(BIN)/python -m athena_queries new-gold

test-cases: $(DEV_READY) ## Run the test cases of every SQL file, in seconds
	@$(BIN)/python -m pytest -q --durations=0 --durations-min=9 tests/unit/athena_queries/test_cases.py

named-queries: $(RUN_STAMP) ## Write infra/named_queries.yaml, the SQL files as Athena's saved queries
	@$(BIN)/python -m infra.named_queries

##@ Laptop, or AWS with STAGE=<stage>

gold: $(RUN_READY) ## Build the Gold tables whose SELECT or rows changed; RESUME=<table>, ENGINE=
	@$(BIN)/python -m $(WHERE) gold

gold-list: $(RUN_READY) ## List the versions of each Gold table
	@$(BIN)/python -m $(WHERE) gold-list

gold-rollback: $(RUN_READY) ## Show a former version of TABLE=<Gold table> again; VERSION=<of gold-list>
	@$(BIN)/python -m $(WHERE) gold-rollback

replay: $(RUN_READY) ## Hand over again what failed; with STAGE also SINCE=<day> STORE=<prefix> DRY_RUN=1
	@$(BIN)/python -m $(WHERE) replay

replay-quarantine: $(RUN_READY) ## Send what lies in silver.quarantine through again
	@$(BIN)/python -m $(WHERE) replay-quarantine

rebuild: $(RUN_READY) ## Make Silver from all of Bronze, from nothing
	@$(BIN)/python -m $(WHERE) rebuild

rebuild-ledger: $(RUN_READY) ## List Bronze, and add to the ledger what it lacks
	@$(BIN)/python -m $(WHERE) rebuild-ledger

maintain: $(RUN_READY) ## Compact Silver, expire snapshots older than RETENTION_DAYS=<n>, delete orphans
	@$(BIN)/python -m $(WHERE) maintain

cost: $(RUN_READY) ## Say what a month costs: CHANGES_PER_DAY=, USERS=, LOG_LINES=; FORMAT=table|csv|json
	@$(BIN)/python -m operations cost

##@ AWS

# Besides: ALARM_EMAIL=, MONTHLY_BUDGET=, RUN_SCHEDULE=, USER_BUCKETS= and others: `python -m operations deploy --help`.
deploy: $(RUN_STAMP) ## Deploy the lake, or update it: STAGE=<name>, SOURCE_STREAM=, LOG_GROUPS=, YES=1
	@$(BIN)/python -m operations deploy

status: $(RUN_STAMP) ## Say how the lake does: freshness, capture, runs, failures, alarms, cost; STAGE=<name>
	@$(BIN)/python -m operations status

start: $(RUN_STAMP) ## Start a run: STAGE=<name>, FROM_DATE= TO_DATE=, MAINTENANCE=1, WAIT=1 to follow it
	@$(BIN)/python -m operations start

teardown: $(RUN_STAMP) ## Take the lake down: STAGE=<name>; its data stays unless DELETE_DATA=1; YES=1
	@$(BIN)/python -m operations teardown

package: $(RUN_STAMP) ## Make the functions' deployment package and the archive of the jobs' code, in build/
	@$(BIN)/python -m infra.package

##@ AWS's Glue image
# Docker and AWS's image, and nothing of this Makefile's set-up: docs/glue-image.md.

glue-run: ## Run a job in that image: JOB=<name>, LAKE=<folder> or s3://<bucket>, ARGS="…"
	@docker/glue run

glue-test: ## Run the Spark tests in that image; ARGS=<of pytest>
	@docker/glue test

glue-shell: ## Open pyspark in that image, on the lake's catalog; LAKE=<folder> or s3://<bucket>
	@docker/glue shell

glue-notebook: ## Open JupyterLab there, on the lake's catalog; LAKE=<folder> or s3://<bucket>
	@docker/glue notebook

##@ Tests

test: $(DEV_READY) ## Run every test that needs no server
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-readme: $(DEV_READY) ## Run what the README tells a newcomer to type
	@$(BIN)/python -m pytest tests/readme

test-crash: $(DEV_READY) ## Kill every job before each kind of its commits: the next run mends all
	@$(BIN)/python -m pytest -n 2 tests/crash

test-dynamodb: $(DEV_READY) ## Run a real table's stream through the lake's ingestion, on DynamoDB Local
	@$(BIN)/python -m local.jars dynamodb-local
	@$(BIN)/python -m pytest tests/dynamodb

test-aws: $(DEV_READY) $(EMULATOR_STAMP) ## Deploy to an emulator that enforces IAM, and run every component under its role
	@$(BIN)/python -m local.jars aws
	@$(BIN)/python -m pytest tests/aws

test-cluster: $(DEV_READY) ## Run the jobs on a Spark cluster of two workers
	@$(BIN)/python -m pytest tests/cluster

test-athena: $(DEV_READY) ## Run every query and case on Trino 476, Athena's engine, beside DuckDB
	@$(BIN)/python -m local.trino fetch
	@$(BIN)/python -m pytest tests/athena

test-glue: $(DEV_READY) $(GLUE_STAMP) ## Start the jobs as Glue does, where Python has just what Glue's has
	@$(BIN)/python -m local.jars aws
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/glue

test-validation: $(DEV_READY) ## Run the five validations: each must hold, as docs/validation.md says
	@$(BIN)/python -m pytest tests/validation

fetch: $(DEV_READY) $(EMULATOR_STAMP) $(GLUE_STAMP) ## Fetch what these run on, once: DynamoDB Local, jars, emulator, what Glue has, Trino
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

##@ Other

help: ## List the commands
	@awk -F ':.*## ' '/^##@ / { print (n++ ? "\n" : "") substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile
	@printf '\nAll options of one: .venv/bin/python -m local <command> --help; on AWS -m operations <command> --help\n'

validate: $(RUN_READY) ## Validate the lake as decided, and write docs/validation.md; VALIDATION=<one of five>
	@$(BIN)/python -m validation

bench: $(DEV_READY) ## Time the stages of a run, the handler, the laptop's Firehose, Silver and Gold
	@$(BIN)/python -m benchmarks.stages
	@$(BIN)/python -m benchmarks.handler
	@$(BIN)/python -m benchmarks.bronze
	@$(BIN)/python -m benchmarks.silver
	@$(BIN)/python -m benchmarks.gold

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
