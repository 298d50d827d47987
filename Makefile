# Bare `make` lists what there is. Every target sets up what it needs first, so none has to be run before another.
.DEFAULT_GOAL := help
.SUFFIXES:
SHELL := /bin/sh
BIN := .venv/bin

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Run

# The shell's environment, as the servers under .stack/ want it.
WITH_STACK := set -a && eval "$$($(BIN)/python -m deploy.stack env)" && set +a
MIGRATE := $(BIN)/python -m shared.migrations && $(BIN)/python -m shared.bus.migrate \
    && $(BIN)/python -m shared.search.migrate

.PHONY: setup demo stop stack down dev
setup: ## Make .venv hold what requirements-dev.lock says (PYTHON=… picks the interpreter)
	@sh deploy/setup.sh

demo: setup ## The whole product, from a bare checkout; Ctrl-C ends it (DETACH=1 returns, `make stop` ends)
	@$(BIN)/python -m deploy.demo up $(if $(DETACH),--detach)

stop: setup ## End what `make demo` started
	@$(BIN)/python -m deploy.demo stop

stack: setup ## Only the servers: Postgres, RabbitMQ, OpenSearch, under .stack/
	@$(BIN)/python -m deploy.stack up

down: setup ## End what `make stack` started
	@$(BIN)/python -m deploy.stack down

dev: setup stack ## A shell with migrated servers in its environment, to run one process by hand
	@$(WITH_STACK) && $(MIGRATE) && PATH="$(CURDIR)/$(BIN):$$PATH" exec "$${SHELL:-/bin/sh}"

##@ Test (ARGS="-k fold -x" goes to pytest)

TESTS := @$(BIN)/python -m tests.run

.PHONY: test unit property helm integration e2e hostile faults bench smoke drills
test: setup web-test ## Every test: the web UI's, then by folder, on real servers of its own
	$(TESTS) -- $(ARGS)

unit: setup ## Pure code without servers, a minute or two
	$(TESTS) unit -- $(ARGS)

property: setup ## Laws, on generated input
	$(TESTS) property -- $(ARGS)

helm: setup ## The Helm chart: lint, rendering, schemas and rules; the first run builds helm (some minutes)
	$(TESTS) helm -- $(ARGS)

integration: setup ## One part of ours against real servers
	$(TESTS) integration -- $(ARGS)

e2e: setup ## Processes started as users start them
	$(TESTS) e2e -- $(ARGS)

faults: setup ## Crash points and killed servers under load; SEEDS=60 is a campaign of random faults
	$(if $(SEEDS),@$(BIN)/python -m tests.faults.campaign --seeds $(SEEDS) $(ARGS),$(TESTS) faults -- $(ARGS))

hostile: export HOSTILE_INPUTS = $(N)
hostile: setup ## Hostile input at a real door, N records of it (N=10000): it stays up, and every record is accounted for
	$(TESTS) hostile -- -s $(ARGS)

bench: setup ## Throughput and latency against references, into reports/bench.json
	@$(BIN)/python -m tests.load.bench

smoke: setup ## The product in containers, built and started under a name of its own; skipped without a Docker engine
	@$(BIN)/python -m deploy.smoke $(ARGS)

drills: setup ## The product in containers, hurt under load and held to its promises (ARGS="kills" is one drill); skipped without an engine
	@$(BIN)/python -m tests.drills $(ARGS)

##@ Web

.PHONY: web-setup web-dev client web-lint web-types web-test web-build web-budgets journeys screenshots web-bench
web-setup: ## Make web/node_modules hold what package-lock.json says, and check that its native modules load here
	@sh web/setup.sh

web-dev: setup web-setup ## The web UI with hot reload, against the demo that runs (make demo DETACH=1)
	@eval "$$($(BIN)/python -m deploy.demo env)" && cd web && EVENTSEC_API_URL="$$API" exec npm run --silent dev

client: setup web-setup ## Write the web client's types anew from the API's own document
	$(BIN)/python -m deploy.web_client

web-lint: web-setup setup ## Style of the web UI, what nothing uses, and whether its client is stale
	cd web && npm run --silent check:lock && npm run --silent lint
	$(BIN)/python -m deploy.web_client --check

web-types: web-setup ## Types of the web UI, strict
	cd web && npm run --silent typecheck

web-test: web-setup ## Unit tests of the web UI
	cd web && npm run --silent test

journeys: setup web-setup ## People's journeys through the web UI, in a real browser against a demo of its own
	$(BIN)/python -m pytest tests/e2e/test_web.py -s $(ARGS)

screenshots: setup web-setup ## Pictures of every screen into reports/screenshots, of a demo that is started if none runs
	@$(BIN)/python -m deploy.demo status >/dev/null || $(BIN)/python -m deploy.demo up --detach
	@eval "$$($(BIN)/python -m deploy.demo env)" && chromium=$$($(BIN)/python -m deploy.browser) && cd web \
	    && EVENTSEC_WEB_URL="$$WEB" EVENTSEC_CHROMIUM="$$chromium" \
	    node node_modules/@playwright/test/cli.js test --config playwright.pictures.config.ts $(ARGS)

web-bench: setup web-setup ## How long the UI takes, up to 100,000 rows; start a demo of its own for it (make demo DETACH=1)
	@eval "$$($(BIN)/python -m deploy.demo env)" && chromium=$$($(BIN)/python -m deploy.browser) && cd web \
	    && EVENTSEC_WEB_URL="$$WEB" EVENTSEC_CHROMIUM="$$chromium" \
	    node node_modules/@playwright/test/cli.js test --config playwright.bench.config.ts $(ARGS)

web-build: web-setup ## The web UI as it is served, into web/dist
	cd web && npm run --silent build

web-budgets: web-build ## What each page weighs, against what we allow it
	cd web && npm run --silent budgets

##@ Check

.PHONY: lint fmt types arch deps check-lock package leaks docs gates sbom audit ci
lint: setup ## Style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

fmt: setup ## Mend what `lint` can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: setup ## mypy, strict
	$(BIN)/mypy

arch: setup ## The arrows between our packages
	$(BIN)/lint-imports --no-logo

deps: setup ## Dependencies that nothing imports, imports that nobody declared
	$(BIN)/deptry services shared
	$(BIN)/deptry deploy tests --exclude '\.stack' --ignore DEP002,DEP004

check-lock: setup ## The lock files say what pyproject.toml asks for, with hashes and without hosts
	$(BIN)/python -m tests.architecture.lock check

package: setup ## The wheel holds services and shared, whole, and nothing else
	$(BIN)/python -m tests.architecture.wheel

leaks: setup ## No tracked file names this machine's folders or registries
	$(BIN)/python -m tests.architecture.leaks

docs: setup ## Links and commands named in our pages exist, and what is written by a program is not stale
	$(BIN)/python -m tests.architecture.docs
	$(BIN)/python -m deploy.env_example --check
	$(BIN)/python -m deploy.dashboard --check

gates: setup ## Plant one breach per check above and see each check fail
	$(TESTS) architecture -- $(ARGS)

# Programs of their own, in an environment of their own: they are no part of the product, nor of its tests.
TOOL := $(BIN)/uv tool run --quiet --python $(BIN)/python

sbom: setup ## What the services and the UI are made of, as CycloneDX, into reports/sbom-*.json
	@mkdir -p reports
	$(TOOL) --from cyclonedx-bom==7.2.1 cyclonedx-py requirements requirements.lock -o reports/sbom-python.json
	cd web && npm sbom --omit=dev --package-lock-only --sbom-format cyclonedx > ../reports/sbom-web.json

audit: setup ## Weaknesses that are known of it; asks PyPI and npm
	$(TOOL) pip-audit==2.9.0 --strict --disable-pip --require-hashes -r requirements.lock
	cd web && npm audit --omit=dev

ci: ## All checks and all tests, as CI runs them
	@.ci/run

##@ Change

.PHONY: docs-write lock upgrade migration
docs-write: setup ## Write anew what is written by a program: deploy/env.example, the dashboard
	$(BIN)/python -m deploy.env_example
	$(BIN)/python -m deploy.dashboard

lock: setup ## Lock anew after a change of dependencies, keeping every pin that still fits
	$(BIN)/python -m tests.architecture.lock write

upgrade: setup ## Lock anew with the newest versions of what pyproject.toml does not pin itself
	$(BIN)/python -m tests.architecture.lock upgrade

migration: setup stack ## A new migration from the models (M="alerts add snoozed until")
	@test -n "$(M)" || { echo 'say what it does: make migration M="alerts add snoozed until"'; exit 2; }
	@$(WITH_STACK) && $(BIN)/python -m shared.migrations && $(BIN)/python -m alembic revision --autogenerate -m "$(M)"
