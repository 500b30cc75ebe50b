# make demo · make test · make world-short · make world · make browser · make fuzz · make mutants · make soak · make bench · make lint · make docs · make wheels · make sbom · make setup
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml devices/*/pyproject.toml))

export UV_NO_PROGRESS = 1
# Compiled modules are kept, whatever the shell says: the tests start some hundreds of processes, and compiling takes most of a start.
export PYTHONDONTWRITEBYTECODE =

.PHONY: setup fonts readers demo test world-short world browser fuzz mutants soak bench docs lint format requirements wheels sbom clean

setup: $(STAMP)

# uv comes into the environment itself, the rest with it, by hash: what builds the members (hatchling) too. The members by path.
$(STAMP): requirements.txt packaging/uv.txt pyproject.toml core/pyproject.toml $(wildcard plugins/*/pyproject.toml devices/*/pyproject.toml)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Liangding needs Python 3.11 or later"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r packaging/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(foreach p,core $(MEMBERS),-e $(p))
	touch $@

demo: setup
	$(BIN)/liangding demo

test: setup fonts readers
	$(BIN)/python -m pytest -n auto -m "not long"

# Statements are printed in Chinese: their tests need a font that has it.
fonts: setup
	@$(BIN)/python -c 'from liangding.receipts.typesetting import ready; ready()' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && apt-get install -y -qq fonts-noto-cjk; \
	  else echo "The tests of PDF statements need a Chinese font: install fonts-noto-cjk, or name a folder in LIANGDING_FONTS"; fi; }

# Social security cards: pyscard compiles on Linux, so it is no part of the setup; its tests need a real pcscd. Fuzzing
# needs atheris, which is not to be had for every Python.
readers: setup
	@$(BIN)/python -c 'import smartcard' 2>/dev/null && command -v pcscd > /dev/null && test -n "$$(find /usr/lib/pcsc -name 'libifdvpcd*' 2>/dev/null)" || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && apt-get install -y -qq pcscd libpcsclite-dev vsmartcard-vpcd gcc libc6-dev pkg-config; fi; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r devices/pcsc/requirements.txt || \
	    echo "The tests of card readers need pcscd, libpcsclite-dev, vsmartcard-vpcd and a C compiler"; }
	@$(BIN)/python -c 'import atheris' 2>/dev/null || \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r tests/fuzzing.txt || \
	    echo "The fuzzing tests need atheris"

# Real processes, a hostile line and two hosts, one after the other: minutes. make world adds every planted bug and long campaigns.
world-short: setup
	$(BIN)/python -m pytest tests/world -m "not long"

world: setup
	$(BIN)/python -m pytest tests/world
	$(BIN)/python -m pytest -m long

# Mutations of the money core, drawn at random: does a test notice? A few seconds each, after a map of which test runs which
# line was made once (`--map` makes it anew); SAMPLE=150 SEED=1 ONLY=resolution/,journal/ JOBS=2. A run that was broken off goes on.
mutants: setup
	PYTHONPATH=tests $(BIN)/python -m mutants --sample $(or $(SAMPLE),150) --seed $(or $(SEED),1) --only "$(ONLY)" --jobs $(or $(JOBS),1)

# Pages in a real Chromium: what a foreign one may not do.
browser: setup
	@command -v chromium > /dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; fi; } || true
	@command -v chromium > /dev/null || echo "The tests of pages need chromium: they are left out here"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r tests/browsing.txt
	$(BIN)/python -m pytest tests/browser

# Nonsense by coverage, for everything that reads bytes from outside: an hour, half of it for each harness.
fuzz: readers
	$(BIN)/python -c 'import atheris' 2>/dev/null || { echo "Nothing is fuzzed here: no atheris"; exit 0; }; \
	for each in devices messages; do \
	  $(BIN)/python tests/fuzz_$$each.py every $(if $(SEED),-seed=$(SEED)) -max_total_time=$$(( $(or $(SECONDS),3600) / 2 )) -max_len=2000 -timeout=60 || exit 1; done

# A hundred thousand seeds, a fifth of them for each province: hours. SEEDS=1..2000 for fewer. `make test` runs five hundred.
soak: setup
	for each in dongguan gansu shaanxi sichuan xinjiang; do \
	  $(BIN)/liangding torture --province $$each --seeds $(or $(SEEDS),1..20000) || exit 1; done

bench: setup
	$(BIN)/python -m benchmarks

# The site, into site/: to be served from anywhere, or opened from the folder.
docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Versions and hashes of everything that is installed, without addresses.
requirements:
	$(BIN)/uv lock --quiet
	$(BIN)/uv export --quiet --frozen --all-packages --all-groups --all-extras --no-emit-workspace --no-header --no-emit-package pyscard > requirements.txt
	echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate - > packaging/uv.txt
	echo pyscard | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate - > devices/pcsc/requirements.txt
	echo "atheris==3.0.0" | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate - > tests/fuzzing.txt
	echo playwright | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate - > tests/browsing.txt

# Our wheels, and what they are made of (CycloneDX), into dist/.
wheels: setup
	for member in core $(MEMBERS); do $(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist $$member; done

sbom: setup
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject core/pyproject.toml --mc-type library --output-reproducible \
	  --output-format JSON --output-file dist/liangding.cdx.json
	$(BIN)/python packaging/vendored.py dist/liangding.cdx.json

clean:
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache
