# make run    the always-on monitor on the shipped feeds        make demo   the same job on recorded feeds, no internet
# make unit   decisions only, under a minute of CPU             make test   every test tier
# make check  lint, types, import contracts
# Each target installs all it needs into .venv/ from the locked wheels; nothing is installed twice.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
BIN := .venv/bin
PIP := $(BIN)/python -Im pip --disable-pip-version-check -qq

.PHONY: run demo test campaign unit check evaluate benchmark wheel dist docs lock clean
.DELETE_ON_ERROR:

run: .venv/ready-run
	@exec $(BIN)/newsmon run $(ARGS)

demo: .venv/ready-run
	@exec $(BIN)/newsmon demo $(ARGS)

test: .venv/ready-dev
	@exec $(BIN)/python -P tests/support/lanes.py $(ARGS)

# Faults against a whole monitor: the short campaign of `make test`, or with MINUTES a long one. DATABASE=sqlite|postgresql
campaign: .venv/ready-dev
	@exec $(BIN)/python -I tests/faults/campaign.py --database $(or $(DATABASE),sqlite) \
	  $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

unit: .venv/ready-dev
	@exec $(BIN)/pytest $(ARGS)

check: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

evaluate: .venv/ready-run
	@$(BIN)/newsmon themes test tests/data/themes/headlines.tune*.jsonl $(ARGS)
	@cat tests/data/themes/headlines.test*.jsonl >.venv/test-parts.jsonl
	@$(BIN)/newsmon themes test --misses 0 tests/data/themes/headlines.test*.jsonl .venv/test-parts.jsonl
	@$(BIN)/newsmon themes test --misses 0 tests/data/themes/look-alikes.jsonl tests/data/themes/long.jsonl tests/data/themes/wordings*.jsonl

benchmark: .venv/ready-dev
	@exec $(BIN)/python -I benchmarks/run.py $(ARGS)

docs: .venv/ready-run
	$(BIN)/python -I docs/build.py

wheel: .venv/ready-dev
	$(BIN)/python -Im build --wheel --no-isolation --outdir dist .

# The sdist of the checkout, and the wheel made from that sdist, as an installer would.
dist: .venv/ready-dev
	$(BIN)/python -Im build --no-isolation --outdir dist .

# The lock holds names, versions and hashes, no addresses: any index that has the wheels will do.
lock: .venv/ready-dev
	$(PIP) install uv
	for group in run dev; do \
	  out=requirements.lock; [ $$group = run ] || out=requirements-$$group.lock; \
	  $(BIN)/uv pip compile pyproject.toml --group $$group --universal --generate-hashes --python-version 3.11 --no-annotate -q \
	    --custom-compile-command "make lock" -o $$out $(LOCK_ARGS); done

clean:
	rm -rf .venv dist build

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo "newsmon needs Python 3.11 or newer; none was found on the PATH" >&2; exit 3; fi
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
	  $(PYTHON) -m pip install -q --target .boot virtualenv && PYTHONPATH=.boot $(PYTHON) -m virtualenv -q .venv && rm -rf .boot; } || { \
	  rm -rf .venv .boot; echo "cannot make a virtual environment: install your system's python3-venv package, then run make again" >&2; exit 3; }

.venv/ready-run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing newsmon into .venv (once) ..."
	@$(BIN)/python -Im pip --version >/dev/null 2>&1 || $(BIN)/python -Im ensurepip >/dev/null
	@$(PIP) install --require-hashes -r requirements.lock && $(PIP) install --no-build-isolation --no-deps -e . || { \
	  echo "installing failed: the Python packages could not be fetched. With the network back, run make again." >&2; exit 3; }
	@touch $@

.venv/ready-dev: requirements-dev.lock .venv/ready-run
	@echo "installing the test tools into .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock || { \
	  echo "installing failed: the Python packages could not be fetched. With the network back, run make again." >&2; exit 3; }
	@touch $@
