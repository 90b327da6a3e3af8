# Everything a contributor runs. Needs Python >= 3.11 and git; sets up .venv on first use, with uv when it is there.
# What is installed is exactly what the lock files name, by hash. A stamp in .venv says which lock file is installed.

VENV := .venv
ifeq ($(OS),Windows_NT)
PYTHON := $(VENV)/Scripts/python.exe
else
PYTHON := $(VENV)/bin/python
endif
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

# uv's environments have no pip in them, so the choice made when .venv was created holds.
# uv brings its own certificates; where a proxy has others, the second attempt takes the machine's, as pip does.
define install
echo "installing $(1)"; \
if $(PYTHON) -c 'import pip' 2>/dev/null; \
then $(PYTHON) -m pip --disable-pip-version-check install --quiet $(EXACTLY) --requirement $(1); \
else $(call uv_install,$(1)) 2>/dev/null || UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 $(call uv_install,$(1)); fi
endef
uv_install = uv pip install --quiet --python $(PYTHON) $(EXACTLY) --requirement $(1)
EXACTLY := --require-hashes --no-deps --only-binary :all: --no-compile

.DELETE_ON_ERROR:
.PHONY: help demo test check lock upgrade dist clean

help:
	@echo "make demo     publish a sample image to the embedded registry, start to end"
	@echo "make test     run the tests that need Python and git alone"
	@echo "make check    what CI runs: format, lint, types, all tests"
	@echo "make lock     bring the lock files up to pyproject.toml (needs uv); make upgrade: to the newest versions"
	@echo "make dist     build sdist and wheel into dist/"
	@echo "make clean    remove what these made"

demo: $(VENV)/runtime.stamp
	@$(PYTHON) -m ci_publish demo

test: $(VENV)/dev.stamp
	$(PYTHON) -m pytest -n auto -m "not real"

check: $(VENV)/dev.stamp
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -n auto

lock:
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements.lock
	$(LOCK) $(UPGRADE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

upgrade:
	$(MAKE) lock UPGRADE=--upgrade

dist: $(VENV)/dev.stamp
	$(PYTHON) -m hatchling build --clean

clean:
	rm -rf $(VENV) .demo dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

# The .pth file makes this checkout importable from everywhere, as an editable install would, without a build.
$(VENV)/created.stamp:
	@python=$$(sh action/find-python.sh) || python=; \
	if uv --version >/dev/null 2>&1; then uv venv --quiet --clear --python "$${python:->=3.11}" $(VENV); \
	elif [ -z "$$python" ]; then echo "error: no Python >= 3.11 on PATH" >&2; \
		echo "hint: install one; or install uv, which fetches one: https://docs.astral.sh/uv" >&2; exit 1; \
	elif ! "$$python" -c 'import ensurepip' 2>/dev/null; then \
		echo "error: $$python cannot make virtual environments" >&2; \
		echo "hint: on Debian and Ubuntu: apt-get install python3-venv; or install uv" >&2; exit 1; \
	else "$$python" -m venv --clear $(VENV); fi
	@$(PYTHON) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "ci_publish.pth").write_text(str(pathlib.Path.cwd()))'
	@touch $@

$(VENV)/runtime.stamp: requirements.lock $(VENV)/created.stamp
	@$(call install,$<)
	@touch $@

# The dev set holds the run-time set at the same versions.
$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/created.stamp
	@$(call install,$<)
	@touch $(VENV)/runtime.stamp $@
