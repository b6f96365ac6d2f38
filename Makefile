# Everything the project does from one place; bare `make` explains. GNU make 3.81 and a POSIX shell are enough.
.DEFAULT_GOAL := help
.SUFFIXES:
V := .venv
UV := 0.13.8
DATA ?= $(if $(CLINIC_CMS_DATA),$(CLINIC_CMS_DATA),data)
# The first Python new enough; looked for only when the environment has to be made.
PY ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && \
	{ echo $$p; break; }; done)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Wheels whose digests stand in the file, and nothing that would have to be compiled. Debian without python3-venv has no
# pip inside the environment: then the system's own pip, if it has one, fills it from outside.
INSTALL = install -q --require-hashes --only-binary=:all: -r
define fill
@echo "Installing what $(1) lists (once)..."
@if $(V)/bin/python -m pip --version >/dev/null 2>&1; then $(V)/bin/python -m pip $(INSTALL) $(1); \
elif "$(PY)" -m pip --version >/dev/null 2>&1; then "$(PY)" -m pip --python $(V)/bin/python $(INSTALL) $(1); \
else echo "This Python has no pip. Debian and Ubuntu: apt-get install python3-venv" >&2; rm -rf $(V); exit 1; fi
@touch $@
endef
# An environment whose Python has since been removed is made again.
GONE := $(shell $(V)/bin/python -c '' 2>/dev/null || echo gone)

.PHONY: help serve test check bench bench-peers prove lock openapi clean gone
help:
	@echo "make serve    start on http://127.0.0.1:8000 (PORT=8123 DATA=/some/folder); sets itself up the first time"
	@echo "make test     all tests, with a real PostgreSQL and a Redis-protocol server from packages (ARGS='-k slug')"
	@echo "make check    lint, types, house rules"
	@echo "make bench    measurements, as ratios against a reference in the same run"
	@echo "make bench-peers  the cached read beside Wagtail's API with its Redis cache"
	@echo "make prove    the long runs (ARGS='-k coherence' PROVE_MOVES=100 for one, and shorter)"
	@echo "make openapi  write docs/openapi.json, the agreed contract"
	@echo "make lock     compile requirements*.txt from pyproject.toml (UPGRADE=1 takes newer releases)"
	@echo "make clean    remove caches and builds; .venv and data stay"

serve: $(V)/bin/clinic-cms
	@PORT="$(PORT)" CLINIC_CMS_DATA="$(DATA)" && export CLINIC_CMS_DATA && \
	if [ -n "$$PORT" ]; then export PORT; else unset PORT; fi && exec $(V)/bin/clinic-cms serve

# Compiled once, for the many processes that tests start: an environment may forbid each of them to keep its own.
test: $(V)/bin/clinic-cms $(V)/.dev
	@$(V)/bin/python -m compileall -q api schemas seed
	env -u PYTHONDONTWRITEBYTECODE $(V)/bin/python -m pytest -n 3 --dist worksteal $(ARGS)

check: $(V)/bin/clinic-cms $(V)/.dev
	$(V)/bin/python -m ruff check .
	$(V)/bin/python -m mypy
	$(V)/bin/python -m pytest -q tests/test_house_rules.py

bench: $(V)/bin/clinic-cms $(V)/.bench
	$(V)/bin/python -m bench $(ARGS)

bench-peers: $(V)/bin/clinic-cms $(V)/.peers
	$(V)/bin/python -m bench.peers $(ARGS)

prove: $(V)/bin/clinic-cms $(V)/.dev
	$(if $(ARGS),,$(V)/bin/python -m pytest -n 2 -m long tests -q)
	$(V)/bin/python -m pytest tests/prove -q -s -m 'long or not long' $(ARGS)

openapi: $(V)/bin/clinic-cms
	@mkdir -p docs
	$(V)/bin/clinic-cms openapi --examples > api/openapi/examples.json.new
	@mv api/openapi/examples.json.new api/openapi/examples.json
	$(V)/bin/clinic-cms openapi > docs/openapi.json.new
	@mv docs/openapi.json.new docs/openapi.json

# No index and no find-links may reach the files: uv reads none of pip's settings, and is told to name none of its own.
COMPILE = $(V)/bin/uv pip compile -q pyproject.toml --generate-hashes --no-emit-index-url --no-emit-find-links --universal \
	--python-version 3.11 --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
lock: $(V)/.run
	$(V)/bin/python -m pip install -q --only-binary=:all: uv==$(UV)
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) --extra dev --extra bench -c requirements-dev.txt -o requirements-bench.txt
	$(COMPILE) --extra dev --extra bench --extra peers -c requirements-bench.txt -o requirements-peers.txt
	@! grep -nE '://|--(extra-)?index|--find-links' requirements*.txt

clean:
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -not -path './$(V)/*' -prune -exec rm -rf {} +

$(V)/.run: requirements.txt $(GONE)
	@test -n "$(PY)" || { echo "Python 3.11 or newer is needed, and none of python3.13, python3.12, python3.11, python3 is." >&2; \
	echo "Install one, or name it: make PY=/path/to/python3.12" >&2; exit 1; }
	@test -z "$(GONE)" || { rm -rf $(V); "$(PY)" -m venv $(V) >/dev/null 2>&1; } || \
	{ rm -rf $(V); "$(PY)" -m venv --without-pip $(V); }
	$(call fill,requirements.txt)

$(V)/.dev: requirements-dev.txt $(V)/.run
	$(call fill,requirements-dev.txt)

$(V)/.bench: requirements-bench.txt $(V)/.dev
	$(call fill,requirements-bench.txt)

$(V)/.peers: requirements-peers.txt $(V)/.bench
	$(call fill,requirements-peers.txt)

# The command runs the checkout itself: a path file puts this folder on the environment's path, so nothing is built.
$(V)/bin/clinic-cms: Makefile $(V)/.run
	@echo ../../../.. > "$$($(V)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/clinic-cms.pth"
	@{ echo '#!/bin/sh'; echo "'''exec' \"\$$(dirname \"\$$0\")/python\" \"\$$0\" \"\$$@\""; echo "'''"; \
	echo 'import sys'; echo 'from api.cli import main'; echo 'sys.exit(main())'; } > $@.new
	@chmod 755 $@.new && mv $@.new $@

gone:
