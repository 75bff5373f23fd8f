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
TESTED := $(filter check test soak coverage bench screenshots,$(MAKECMDGOALS))
PROGRAMS := venv $(if $(TESTED),mosquitto chromium fonts --optional postgresql promtool,$(if $(filter demo,$(MAKECMDGOALS)),--optional mosquitto))

.DELETE_ON_ERROR:
.PHONY: help demo test quick coverage mutants requests interleavings club soak check install bench accuracy screenshots types lock wheel sbom audit clean programs

help:
	@echo "make demo         the whole product on this machine, with simulated readers (PORT=8080, VENUES=3: a house of three)"
	@echo "make test         all tests, doing all set-up"
	@echo "make quick        the pure tests, in under a minute"
	@echo "make coverage     the lines that no test reaches"
	@echo "make mutants      mistakes made on purpose: which do the tests miss?"
	@echo "make requests     whatever can be asked of the API, by everybody, for minutes"
	@echo "make interleavings  stops and erasures among late edits, ten thousand stories of them"
	@echo "make club         ten thousand operations of the club's ledger beside lists of lots, in both stores"
	@echo "make soak         what a house must outlive, for an hour or two: kills, power cuts, a whole day"
	@echo "make check        lint, types and tests: run before each commit"
	@echo "make install      .venv/bin/moments with the console built"
	@echo "make bench        speed, as ratios            make accuracy      recognition, with intervals"
	@echo "make screenshots  every screen"
	@echo "make types        what the console knows of the gateway's shapes, after a change of them"
	@echo "make lock         new lock files              make wheel         a wheel in dist/"
	@echo "make sbom         what it is made of          make audit         known faults in it"

demo: install
	$(V)/bin/moments demo $(if $(PORT),--port $(PORT)) $(if $(VENUES),--venues $(VENUES))

# A third of a start is compiling, where nobody has written down what was compiled: a service may not write beside its code.
install: $(MARK)/install $(WEB)/dist/index.html
	@$(V)/bin/python -m compileall -q gateway reader_drivers $(WEB)/__init__.py

test: install $(MARK)/dev
	$(V)/bin/python -m tests.records.agreement
	cd $(WEB) && npx --no-install vitest run
	$(V)/bin/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

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
	$(V)/bin/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/browser --cov --cov-report=term:skip-covered

# Do the tests notice mistakes? Files and tests are in pyproject.toml; MUTANTS=gateway/service/desk.py for one alone.
mutants: install $(MARK)/mutants
	$(V)/bin/python -m benchmarks.mutants $(MUTANTS)

# Whatever can be asked of the API, by everybody: `make test` asks a little, this asks for minutes.
requests: install $(MARK)/dev
	REQUESTS=$(or $(REQUESTS),20) $(V)/bin/python -m pytest -q tests/console/test_any_request.py -n 2

# Nobody comes back who stopped or was erased, in whatever order tablets send: `make test` plays some, this 10,000.
interleavings: install $(MARK)/dev
	MOMENTS_INTERLEAVINGS=$(or $(STORIES),10000) $(V)/bin/python -m pytest -q tests/console/test_late_edits.py tests/console/test_late_restore.py tests/console/test_late_tablets.py tests/joined/test_late_restore.py -n 2

# The club's ledger beside lists of lots, in both stores: `make test` plays some hundred operations, this 10,000.
club: install $(MARK)/dev
	MOMENTS_CLUB_OPERATIONS=$(or $(OPERATIONS),10000) $(V)/bin/python -m pytest -q tests/club/test_model.py

# What `make test` does a little of, for long: 200 kills, 300 power cuts, a disk that hangs for a minute, a process that is
# stopped for one, and a busy day of which no memory may be left. KILLS=, CUTS=, HOURS= for less or more.
soak: export MOMENTS_SOAK = 1
soak: export MOMENTS_KILLS = $(or $(KILLS),200)
soak: export MOMENTS_CUTS = $(or $(CUTS),300)
soak: export MOMENTS_HOURS = $(or $(HOURS),24)
soak: install $(MARK)/dev
	$(V)/bin/python -m pytest -q -s tests/soak tests/records/test_power_cuts.py --timeout 3600

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

# The wheel with what it is made of, and its hash: pip takes no other file for it than this one.
wheel: install sbom
	$(V)/bin/python -m build --wheel --no-isolation
	cd dist && sha256sum *.whl *.cdx.json > SHA256SUMS && cat SHA256SUMS

# What the product is made of, as CycloneDX; the wheel holds the same.
sbom: $(MARK)/venv
	$(V)/bin/python requirements/sbom.py dist/moments.cdx.json

# Known faults in what is locked: exit 1 names them; 3 means that no advisory service could be asked.
audit: install $(MARK)/dev $(MARK)/audit
	@.ci/audit

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

$(MARK)/audit: requirements/audit.txt $(MARK)/dev
	@echo "Python packages: what asks for known faults"
	@$(PIP) -r requirements/audit.txt || $(NO_PACKAGES)
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
	$$UV --group audit -c requirements/dev.txt -o requirements/audit.txt && \
	printf 'hatchling\neditables\nbuild\n' | $$UV -c requirements/dev.txt - -o requirements/build.txt
	cd $(WEB) && npm install --package-lock-only --ignore-scripts

clean:
	rm -rf build dist $(WEB)/dist
