# make demo    builds both functions and runs them
# make serve   builds both functions, serves them, and builds again when they change
# make test    all tests but the destructive ones
# make test-sam tests with the oldest samcli; SAM names another release
# make attacks tests that delete, fill and kill, each in bubblewrap
# make lint    ruff, mypy, the template, the workflows, the documentation site
# make bench   packages both functions with every build system; BENCH has its options
# make fuzz    sends both functions 20,000 random events; COUNT and SEED set how many and which
# make images  makes the images for tests with containers and for arm64; needs Docker and root
# make site    builds the documentation site into out/site
# make pages   writes docs/commands.md again
# make openapi writes the API's description again
# make lock    writes every lock file again, with newer versions
PYTHON ?= python3
BIN := .venv/bin

# The caller's settings for uv and pip change what is installed, and where to. Only those are kept
# that say where packages and interpreters come from.
SOURCES := UV_INDEX UV_INDEX_% UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_CACHE_DIR UV_CONFIG_FILE \
	UV_PYTHON_INSTALL_DIR UV_SYSTEM_CERTS UV_NATIVE_TLS UV_INSECURE_HOST PIP_INDEX_URL \
	PIP_EXTRA_INDEX_URL PIP_CACHE_DIR PIP_CONFIG_FILE PIP_CERT PIP_CLIENT_CERT PIP_TRUSTED_HOST \
	PIP_PROXY
unexport $(filter-out $(SOURCES),$(filter UV_% PIP_%,$(.VARIABLES))) UV_INDEX_STRATEGY
# For what needs no account: SAM fails on a profile that does not exist.
NO_ACCOUNT := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE -u AWS_REGION -u AWS_DEFAULT_REGION

.PHONY: demo serve test test-sam attacks bench lint style types template fuzz images openapi pages site lock \
	clean
.DELETE_ON_ERROR:

demo: .venv/shorts
	@$(NO_ACCOUNT) $(BIN)/python demo.py

serve: .venv/shorts
	@$(BIN)/shorts local start-api

# Each file runs in one worker, because its tests share things; long files come first. Bytecode is kept
# even if the environment says otherwise: a hundred processes import the same modules.
test: .venv/dev lint
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile \
		--no-loadscope-reorder --ignore tests/attacks/destructive $(TESTS)

attacks: .venv/dev
	@$(BIN)/python -m pytest -n auto --dist loadfile tests/attacks/destructive

# What depends on samcli, with another of its releases: the oldest that is supported. Which options a
# release has, and with which defaults, is tested with the newest alone.
SAM ?= 1.165.*
test-sam: .venv/dev
	@rm -rf .venv/sam
	@$(BIN)/uv venv --quiet --python $(BIN)/python .venv/sam
	@$(BIN)/uv pip install --quiet --python .venv/sam/bin/python "aws-sam-cli==$(SAM)" -e . \
		hypothesis pytest "moto[server]"
	@.venv/sam/bin/python -m pytest -q tests/unit/sam tests/unit/start_api \
		tests/integration/test_inferred.py --ignore tests/unit/sam/test_options.py \
		--deselect tests/unit/sam/test_sync.py::test_defaults $(TESTS)

bench: .venv/shorts
	@$(BIN)/python -m bench $(BENCH)

lint: .venv/dev
	@$(MAKE) --no-print-directory --jobs 2 template style types site

style:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/actionlint

types:
	@$(BIN)/mypy shorts bench demo.py hatch_build.py openapi pages tests
	@cd echo && ../$(BIN)/mypy --config-file ../pyproject.toml .
	@cd plot && ../$(BIN)/mypy --config-file ../pyproject.toml .

template:
	@$(NO_ACCOUNT) SAM_CLI_TELEMETRY=0 $(BIN)/sam validate --lint

# The theme's authors advertise another program; it is not what this command is for.
site:
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

pages: .venv/dev
	@$(BIN)/python -W ignore -m pages

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
