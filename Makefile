# `make demo` and `make test` set up all that they need: a machine needs Python 3.11 or newer and make.
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
SETTINGS := pyproject.toml hatch_build.py js/package-lock.json
BUNDLE := $(PY) hatch_build.py
DEV := $(VENV)/.installed-dev
DEMO := $(VENV)/.installed-demo

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs bench build bundle watch clean

help:
	@echo "make demo          JupyterLab on the quickstart notebook"
	@echo "make demo CHECK=1  the same without a person, in a headless browser"
	@echo "make test          every check and test"
	@echo "make lint | docs | bench | build | watch | clean"

demo: $(if $(CHECK),$(DEV),$(DEMO))
	@$(BUNDLE)
	@$(PY) $(if $(CHECK),-m tests.browser.demo_check,scripts/demo.py)

test: $(DEV)
	@$(BUNDLE)
	@$(PY) scripts/run_tests.py

lint: $(DEV)
	@$(BUNDLE)
	@$(PY) scripts/run_tests.py lint

docs: $(DEV)
	@$(PY) scripts/run_tests.py docs

bench: $(DEV)
	@$(BUNDLE)
	@$(PY) scripts/run_benchmarks.py

# The sdist first, then the wheel out of the sdist.
build: $(DEV)
	@$(BUNDLE)
	@$(PY) -m build --outdir dist

bundle: $(DEV)
	@$(BUNDLE)

# Builds again at every change; with ANYWIDGET_HMR=1 an open notebook shows it at once.
watch: $(DEV)
	@$(PY) hatch_build.py watch

clean:
	rm -rf $(VENV) js/node_modules dist site test-results .cache .mypy_cache .ruff_cache .pytest_cache
	rm -f labelwidgets/static/*.js labelwidgets/static/*.css labelwidgets/static/LICENCES.txt labelwidgets/static/sources.sha256

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "labelwidgets: $(PYTHON) is not there. \
	Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "labelwidgets: \
	$(PYTHON) is $$($(PYTHON) --version) and 3.11 or newer is needed: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "labelwidgets: \
	$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Node comes from PATH, else from a wheel.
$(DEV): $(VENV)/pyvenv.cfg $(SETTINGS)
	@echo "installing what development needs"
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --group dev
	@$(PIP) install --no-deps --group judges
	@$(PY) hatch_build.py --has-node || $(PIP) install --group node
	@$(BUNDLE)
	@$(PIP) install --editable ".[demo]"
	@touch $@

$(DEMO): $(VENV)/pyvenv.cfg $(SETTINGS)
	@echo "installing what the demo needs"
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --group build
	@$(PY) hatch_build.py --has-node || $(PIP) install --group node
	@$(BUNDLE)
	@$(PIP) install --editable ".[demo]"
	@touch $@
