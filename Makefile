# make demo    builds both functions and runs them
# make serve   builds both functions, serves them, and builds again when they change
# make test    all tests but the destructive ones
# make attacks tests that delete, fill and kill, each in bubblewrap
# make lint    ruff, mypy, the template, the workflows
# make bench   packages both functions with every build system; BENCH has its options
# make fuzz    sends both functions 20,000 events that nobody would; COUNT and SEED say others
# make images  what the tests with containers and for arm64 run in; takes Docker and root's rights
# make openapi the API's description anew
# make lock    every lock anew
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo serve test attacks bench lint style types template fuzz images openapi lock clean
.DELETE_ON_ERROR:

demo: .venv/shorts
	@$(BIN)/python demo.py

serve: .venv/shorts
	@$(BIN)/shorts local start-api

# Files in their order, for those that take long come first; each in one worker, for the sake of what
# its tests share. Bytecode is kept even where the environment says otherwise: what a hundred
# processes import is compiled once.
test: .venv/dev lint
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile \
		--no-loadscope-reorder --ignore tests/attacks/destructive $(TESTS)

attacks: .venv/dev
	@$(BIN)/python -m pytest -n auto --dist loadfile tests/attacks/destructive

bench: .venv/shorts
	@$(BIN)/python -m bench $(BENCH)

lint: .venv/dev
	@$(MAKE) --no-print-directory --jobs 2 template style types

style:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/actionlint

types:
	@$(BIN)/mypy shorts bench demo.py openapi tests
	@cd echo && ../$(BIN)/mypy --config-file ../pyproject.toml .
	@cd plot && ../$(BIN)/mypy --config-file ../pyproject.toml .

template:
	@SAM_CLI_TELEMETRY=0 $(BIN)/sam validate --lint

COUNT ?= 20000
fuzz: .venv/dev
	@$(BIN)/python -m tests.fuzz --count $(COUNT) $(if $(SEED),--seed $(SEED))

openapi: .venv/dev
	@$(BIN)/python -m openapi

images: .venv/dev
	@$(BIN)/python -m tests.e2e.images

# uv comes from pip, everything else from uv; each stamp is newer than the lock it was made from.
$(BIN)/uv: requirements/uv.lock
	@echo "Setting up .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/shorts: requirements/shorts.lock pyproject.toml | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements/dev.lock .venv/shorts
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --upgrade
lock: .venv/shorts
	@echo "uv" | $(COMPILE) - -o requirements/uv.lock
	@$(COMPILE) pyproject.toml --group setup -o requirements/shorts.lock
	@$(COMPILE) pyproject.toml --group setup --group dev echo/requirements.txt \
		plot/requirements.txt -o requirements/dev.lock
	@printf "awslambdaric\nboto3\n" | $(subst 3.11,3.8,$(COMPILE)) --only-binary :all: - \
		-o shorts/emulator/runtime.lock
	@printf "debugpy\n" | $(subst 3.11,3.8,$(COMPILE)) --only-binary :all: - \
		-o shorts/emulator/debugger.lock
	@$(BIN)/shorts lock

clean:
	rm -rf .venv .aws-sam out .mypy_cache .pytest_cache .ruff_cache .hypothesis
