# make run: install what is missing, then serve on http://127.0.0.1:$(PORT). make test: the whole suite.

PORT ?= 8000
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(name))))
JOBS ?= 3

BIN := .venv/bin
DONE := .venv/done
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard core/translations/*/LC_MESSAGES/*.po plugins/*/translations/*/LC_MESSAGES/*.po))

.PHONY: run install test test-install lint lock messages bench screenshots clean
.DELETE_ON_ERROR:

run: install
	@exec $(BIN)/storeboard serve --prepare --port $(PORT)

install: $(DONE)/project $(CATALOGUES)

test-install: $(DONE)/test $(CATALOGUES)

# Each part runs even if one before it fails; what failed is said at the end.
test: test-install
	@failed=; \
	$(BIN)/ruff check . && $(BIN)/ruff format --check . || failed="$$failed style"; \
	echo "== On SQLite"; \
	$(BIN)/python -m pytest -n $(JOBS) -m "not thorough" || failed="$$failed sqlite"; \
	echo "== On PostgreSQL"; \
	STOREBOARD_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(JOBS) -m "not e2e and not any_database and not thorough" || failed="$$failed postgresql"; \
	[ -z "$$failed" ] || { echo "FAILED:$$failed"; exit 1; }

lint: $(DONE)/test
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(DONE)/test $(CATALOGUES)
	$(BIN)/python -m benchmarks.run

screenshots: $(DONE)/test $(CATALOGUES)
	$(BIN)/python -m docs.screenshots

clean:
	rm -rf .venv dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find core plugins -name '*.mo' -delete
	find . -name __pycache__ -prune -exec rm -rf {} +

# The locks are made again with uv; UPGRADE=1 takes newer versions.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade)

lock: $(DONE)/project
	$(LOCK) pyproject.toml --extra build --output-file requirements.lock
	$(LOCK) pyproject.toml --extra build --extra test --output-file requirements-test.lock
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["assets"], sep="\n")' \
	| $(LOCK) --no-deps - --output-file requirements-assets.lock

# Collect the texts of the code into the catalogues; what still needs Chinese is counted.
messages: $(DONE)/project
	@$(BIN)/python -m core.translating
	@$(MAKE) --no-print-directory $(CATALOGUES)

%.mo: %.po | $(DONE)/project
	@$(BIN)/pybabel -q compile -i $< -o $@

$(DONE)/project: pyproject.toml $(DONE)/packages
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/packages: requirements.lock requirements-assets.lock $(DONE)/system
	@echo "Installing Python packages, by hash"
	@$(PIP) --quiet --no-deps --require-hashes -r requirements.lock -r requirements-assets.lock
	@touch $@

$(DONE)/test: requirements-test.lock $(DONE)/project $(DONE)/system-test
	@echo "Installing what the tests need, by hash"
	@$(PIP) --quiet --no-deps --require-hashes -r requirements-test.lock
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || $(BIN)/playwright install --with-deps chromium
	@touch $@

$(DONE)/system:
	@PYTHON="$(PYTHON)" sh .ci/system $(if $(filter test%,$(MAKECMDGOALS)),test,run)
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@mkdir -p $(DONE) && touch $@

$(DONE)/system-test: $(DONE)/system
	@PYTHON="$(PYTHON)" sh .ci/system test
	@touch $@
