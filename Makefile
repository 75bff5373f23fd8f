# Two commands matter: `make demo` and `make test`. Each does all its own set-up.
SHELL := /bin/bash
PY ?= python3
V := .venv
WEB := staff_console
MARK := build/.made

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Playwright's own Node needs libatomic1, which a clean Debian lacks; the system's Node does not.
export PLAYWRIGHT_NODEJS_PATH ?= $(shell command -v node)
# npm does not look into the system's certificate store by itself.
CA := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CA),)
export NODE_EXTRA_CA_CERTS ?= $(CA)
endif
APT := env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0
ROOT := $(filter 0,$(shell id -u))
PIP := $(V)/bin/pip install -q --require-hashes --no-deps

.PHONY: help demo test check install bench screenshots lock wheel clean

help:
	@echo "make demo         the whole product on this machine, with simulated readers"
	@echo "make test         all tests, doing all set-up"
	@echo "make check        lint, types and tests: run before each commit"
	@echo "make install      .venv/bin/moments with the console built"
	@echo "make bench        speed, as ratios            make screenshots   every screen"
	@echo "make lock         new lock files              make wheel         a wheel in dist/"

demo: install | $(MARK)/broker
	$(V)/bin/moments demo

install: $(MARK)/install $(WEB)/dist/index.html

test: install $(MARK)/dev $(MARK)/test-programs
	cd $(WEB) && npx vitest run
	$(V)/bin/python -m pytest -q

check: install $(MARK)/dev $(MARK)/test-programs
	$(V)/bin/ruff check .
	$(V)/bin/ruff format --check .
	$(V)/bin/mypy
	cd $(WEB) && npx svelte-check --threshold warning
	$(MAKE) test

bench: install $(MARK)/dev $(MARK)/test-programs
	$(V)/bin/python -m benchmarks

screenshots: install $(MARK)/dev $(MARK)/test-programs
	$(V)/bin/python -m tests.browser.screenshots

wheel: install $(MARK)/dev
	$(V)/bin/python -m build --wheel --no-isolation

# --- set-up, each step once -------------------------------------------------------------------------------------

$(MARK):
	mkdir -p $(MARK)

$(V)/bin/python: | $(MARK)
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PY=python3.12 make …)"; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory apt PACKAGES=python3-venv
	$(PY) -m venv $(V)

$(MARK)/run: requirements/run.txt requirements/build.txt | $(V)/bin/python
	$(PIP) -r requirements/run.txt
	$(PIP) -r requirements/build.txt
	@touch $@

$(MARK)/install: $(MARK)/run pyproject.toml hatch_build.py
	$(V)/bin/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(MARK)/dev: requirements/dev.txt $(MARK)/run
	$(PIP) -r requirements/dev.txt
	@touch $@

# The demo's MQTT broker. Without it the demo still runs, without phones, and says so.
$(MARK)/broker: | $(MARK)
	@PATH=$$PATH:/usr/sbin command -v mosquitto >/dev/null || $(MAKE) --no-print-directory apt PACKAGES=mosquitto || \
	  echo "mosquitto could not be installed: the demo goes on without phone beacons"
	@touch $@

$(MARK)/test-programs: | $(MARK)
	@missing=; PATH=$$PATH:/usr/sbin; command -v mosquitto >/dev/null || missing="$$missing mosquitto"; \
	  command -v chromium >/dev/null || missing="$$missing chromium"; \
	  fc-list 2>/dev/null | grep -qi -E 'cjk|wqy' || missing="$$missing fonts-wqy-microhei fontconfig"; \
	  test -z "$$missing" || $(MAKE) --no-print-directory apt PACKAGES="$$missing"
	@touch $@

.PHONY: apt
apt:
ifeq ($(ROOT),)
	@echo "Debian packages are missing; please install them: sudo apt-get install $(PACKAGES)"; exit 1
else
	$(APT) update && $(APT) install --no-install-recommends $(PACKAGES) || \
	  { echo "Debian packages are missing and could not be installed: $(PACKAGES)"; exit 1; }
endif

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "npm (Node 20 or newer) is needed to build the console"; exit 1; }
	cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f 2>/dev/null) $(wildcard $(WEB)/*.html $(WEB)/*.ts)
$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB_SOURCES)
	cd $(WEB) && npm run -s build
	@touch $@

# New lock files; needs uv. They hold names, versions and hashes, and no address.
lock:
	UV="uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate"; \
	$$UV pyproject.toml -o requirements/run.txt && \
	$$UV --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt && \
	printf 'hatchling\neditables\nbuild\n' | $$UV -c requirements/dev.txt - -o requirements/build.txt
	cd $(WEB) && npm install --package-lock-only --ignore-scripts

clean:
	rm -rf build dist $(WEB)/dist
