# Two commands matter: `make demo` and `make test`. Each does all its own set-up.
SHELL := /bin/bash
PY ?= python3
V := .venv
WEB := staff_console
# Inside what they speak of: who deletes the environment deletes the marks.
MARK := $(V)/.made

export PY
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# Playwright's own Node needs libatomic1, which a clean Debian lacks; the system's Node does not.
export PLAYWRIGHT_NODEJS_PATH ?= $(shell command -v node)
# npm does not look into the system's certificate store by itself.
CA := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CA),)
export NODE_EXTRA_CA_CERTS ?= $(CA)
endif
PIP := $(V)/bin/pip install -q --require-hashes --no-deps
NO_PACKAGES = { echo "Python packages could not be installed (above: why). Is there a network?"; exit 1; }

# The Debian programs that the goals need, asked for once. The demo without a broker still runs, without phones.
TESTED := $(filter check test coverage bench screenshots,$(MAKECMDGOALS))
PROGRAMS := venv $(if $(TESTED),mosquitto chromium fonts,$(if $(filter demo,$(MAKECMDGOALS)),--optional mosquitto))

.DELETE_ON_ERROR:
.PHONY: help demo test quick coverage mutants check install bench accuracy screenshots types lock wheel clean programs

help:
	@echo "make demo         the whole product on this machine, with simulated readers (PORT=8080)"
	@echo "make test         all tests, doing all set-up"
	@echo "make quick        the pure tests, in under a minute"
	@echo "make coverage     the lines that no test reaches"
	@echo "make mutants      mistakes made on purpose: which do the tests miss?"
	@echo "make check        lint, types and tests: run before each commit"
	@echo "make install      .venv/bin/moments with the console built"
	@echo "make bench        speed, as ratios            make accuracy      recognition, with intervals"
	@echo "make screenshots  every screen"
	@echo "make types        what the console knows of the gateway's shapes, after a change of them"
	@echo "make lock         new lock files              make wheel         a wheel in dist/"

demo: install
	$(V)/bin/moments demo $(if $(PORT),--port $(PORT))

install: $(MARK)/install $(WEB)/dist/index.html

test: install $(MARK)/dev
	cd $(WEB) && npx --no-install vitest run
	$(V)/bin/python -m pytest -q -n 3 --dist loadfile

# Two workers: what is pure never waits, so more of them than cores gain nothing.
quick: install $(MARK)/dev
	$(V)/bin/python -m pytest -q -n 2 -m quick --hypothesis-profile=quick

check: install $(MARK)/dev
	$(V)/bin/ruff check .
	$(V)/bin/ruff format --check .
	$(V)/bin/mypy
	cd $(WEB) && npx --no-install svelte-check --threshold warning
	$(MAKE) --no-print-directory test

# The floor is in pyproject.toml. What runs in a process of its own (the command line, a killed gateway) is not counted.
coverage: install $(MARK)/dev
	$(V)/bin/python -m pytest -q -n 3 --dist loadfile --ignore tests/browser --cov --cov-report=term:skip-covered

# Do the tests notice mistakes? Files and tests are in pyproject.toml; MUTANTS=gateway/service/desk.py for one alone.
mutants: install $(MARK)/mutants
	$(V)/bin/python -m benchmarks.mutants $(MUTANTS)

bench: install $(MARK)/dev
	$(V)/bin/python -m benchmarks

# Recordings with truth, which are not part of this repository, are scored too: RECORDINGS=folder, or one beside us.
RECORDINGS ?= $(firstword $(wildcard ../*/recordings))
accuracy: install
	$(V)/bin/python -m benchmarks.clones
	$(V)/bin/python -m benchmarks.accuracy $(if $(RECORDINGS),--recordings $(RECORDINGS))

screenshots: install $(MARK)/dev
	$(V)/bin/python -m tests.browser.screenshots

types: install $(MARK)/dev
	$(V)/bin/python -m tests.console.openapi
	cd $(WEB) && npm run -s types

wheel: install
	$(V)/bin/python -m build --wheel --no-isolation

# --- set-up, each step once; a mark is set when its step has succeeded --------------------------------------------

programs:
	@.ci/debian-packages $(PROGRAMS)

$(MARK)/venv: | programs
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, for example: make PY=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PY) -m venv $(V)
	@mkdir -p $(MARK) && touch $@

$(MARK)/run: requirements/run.txt requirements/build.txt $(MARK)/venv
	@echo "Python packages: what it runs on and is built with"
	@$(PIP) -r requirements/run.txt || $(NO_PACKAGES)
	@$(PIP) -r requirements/build.txt || $(NO_PACKAGES)
	@touch $@

$(MARK)/install: $(MARK)/run pyproject.toml hatch_build.py
	$(V)/bin/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# After install, not beside it: two pips in one environment get in each other's way.
$(MARK)/dev: requirements/dev.txt $(MARK)/run | $(MARK)/install
	@echo "Python packages: what it is tested with"
	@$(PIP) -r requirements/dev.txt || $(NO_PACKAGES)
	@touch $@

$(MARK)/mutants: requirements/mutants.txt $(MARK)/dev
	@echo "Python packages: what makes mistakes on purpose"
	@$(PIP) -r requirements/mutants.txt || $(NO_PACKAGES)
	@touch $@

# npm writes this file itself, last.
$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major * 100 + +minor < 2019 ? 1 : 0)' 2>/dev/null \
	  && command -v npm >/dev/null || { echo "Node 20.19 or newer with npm is needed to build the console"; exit 1; }
	@echo "npm packages: what the console is built with"
	@cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || \
	  { rm -f node_modules/.package-lock.json; echo "npm packages could not be installed (above: why). Is there a network?"; exit 1; }
	@touch $@

WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public -type f 2>/dev/null) \
  $(wildcard $(WEB)/*.html $(WEB)/*.ts $(WEB)/*.js) $(WEB)/package.json
$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB_SOURCES)
	cd $(WEB) && npm run -s build
	@touch $@

# New lock files; needs uv. They hold names, versions and hashes, and no address.
lock:
	UV="uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate"; \
	$$UV pyproject.toml -o requirements/run.txt && \
	$$UV --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt && \
	$$UV --group mutants -c requirements/dev.txt -o requirements/mutants.txt && \
	printf 'hatchling\neditables\nbuild\n' | $$UV -c requirements/dev.txt - -o requirements/build.txt
	cd $(WEB) && npm install --package-lock-only --ignore-scripts

clean:
	rm -rf build dist $(WEB)/dist
