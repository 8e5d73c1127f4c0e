PORT ?= 9000
TODO_DB ?= .todo/todo.db
EVENT ?= events/list.json
PYTHON ?= python3
RATE ?= 100
SECONDS ?= 60
INSTANCES ?= 4
export PORT TODO_DB
export SAM_CLI_TELEMETRY = 0

.DEFAULT_GOAL := help
.PHONY: help run watch invoke test test-web screenshots test-contract test-calendar test-aws bench load run-release openapi lint audit advisories sbom build deploy smoke logs destroy set-password

help: ## list the commands
	@grep -hE '^[a-z-]+:.* ## ' Makefile | sed 's/:.* ## /\t/' | expand -t 16

run: startable ## start the service on PORT (9000), with its data in TODO_DB (.todo/todo.db)
	@sh scripts/serve.sh --ignore-changes

watch: startable ## like run; also recompile and restart when a file changes
	@sh scripts/serve.sh

# `cargo lambda watch` keeps running when the service does not compile or start, and requests to it
# wait. These checks fail instead.
.PHONY: startable
startable: .tools/cargo-lambda/.installed
	@$(PYTHON) scripts/port.py
	@cargo build --features local
	@cargo run --quiet --features local -- check

invoke: .tools/cargo-lambda/.installed ## send the Lambda event EVENT (events/list.json) to the service on PORT
	@test -f "$(EVENT)" || { echo "EVENT: there is no file $(EVENT)" >&2; exit 1; }
	@$(<D)/bin/cargo-lambda lambda invoke --invoke-address 127.0.0.1 --invoke-port $(PORT) \
		--data-file "$(EVENT)"

test: ## run the unit, API and end-to-end tests
	cargo test --features local
	PYTHONPATH=benches:scripts $(PYTHON) -m unittest discover -s tests/e2e -v

test-web: ## test the web client in headless Chromium and Firefox; needs Node, installs the rest
	PYTHONPATH=tests/e2e $(PYTHON) tests/web/run.py

screenshots: ## regenerate the screenshots in docs/img
	PYTHONPATH=tests/e2e $(PYTHON) tests/web/run.py --screenshots

test-contract: .tools/contract/.installed ## test the service against openapi.json; EXAMPLES (200) requests per operation
	EXAMPLES="$(EXAMPLES)" PYTHONPATH=tests/e2e $(PYTHON) -m unittest discover -s tests/contract -v

test-calendar: .tools/calendar/.installed ## read the calendar with the parsers of other programs
	PYTHONPATH=tests/e2e .tools/calendar/bin/python -m unittest discover -s tests/calendar -v

test-aws: $(patsubst %,.tools/%/.installed,aws cargo-lambda sam) ## deploy to an emulator of AWS, and test the stack and the requests there
	PYTHONPATH=tests/e2e .tools/aws/bin/python -m unittest discover -s tests/aws -v

bench: ## benchmark against the baselines, update docs/performance.md; ROUNDS (20), ONLY=todo-api,bare
	@cargo build --features local --example engine --target-dir target
	@ROUNDS="$(ROUNDS)" ONLY="$(ONLY)" $(PYTHON) benches/bench.py

.tools/node/bundle.mjs: $(wildcard benches/baselines/node/*)
	@mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@# Bundle the SDK's ES modules: its CommonJS modules fail in an ES module and cannot be tree-shaken.
	@cd $(@D) && node node_modules/esbuild/bin/esbuild index.mjs --outfile=bundle.mjs --bundle --minify \
		--platform=node --target=node20 --format=esm --main-fields=module,main --log-level=warning

load: .tools/locust/.installed ## send RATE (100) requests a second to the service on PORT, for SECONDS (60)
	@RATE=$(RATE) .tools/locust/bin/locust --headless --only-summary --locustfile benches/load.py \
		--host http://127.0.0.1:$(PORT) --users 50 --spawn-rate 50 --run-time $(SECONDS)s

run-release: .tools/cargo-lambda/.installed ## start INSTANCES (4) of the release binary on PORT, with one in-memory database, for make load
	@$(PYTHON) scripts/port.py
	@cargo build --features local --example engine --target-dir target
	@cargo build --release
	@REGISTRATION=open exec $(PYTHON) benches/engine.py \
		sh scripts/serve.sh --ignore-changes --release --features "" --concurrency $(INSTANCES)

openapi: ## regenerate openapi.json and the definitions of the MCP tools, after a change of the contract
	WRITE_OPENAPI=1 cargo test --features local --test api committed_copy

lint: .tools/sam/.installed .tools/checkov/.installed ## check the formatting, clippy, the documentation and the template
	cargo fmt --check
	cargo fmt --check --manifest-path benches/baselines/Cargo.toml
	cargo clippy --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --all-features
	.tools/sam/bin/cfn-lint template.yaml
	.tools/sam/bin/sam validate --lint
	BC_SKIP_MAPPING=TRUE .tools/checkov/bin/checkov --skip-download --file template.yaml \
		--framework cloudformation --compact --quiet

build: .tools/cargo-lambda/.installed .tools/sam/.installed ## build the function for AWS; ARCH=arm64 or x86_64, ZIG=1 links with Zig
	$(PYTHON) scripts/build.py

deploy: .tools/sam/.installed ## build and deploy to AWS; asks the first time, SET="Name=value …" changes settings
	@.tools/sam/bin/python scripts/deploy.py deploy

smoke: ## run the article's session at URL, as a new user (CODE=…) or as USER with PASSWORD
	@$(PYTHON) scripts/smoke.py

logs: .tools/sam/.installed ## follow the deployed function's log; set STACK and REGION if not deployed from here
	@.tools/sam/bin/python scripts/deploy.py logs

destroy: .tools/sam/.installed ## delete the stack, after a confirmation; the table is kept
	@.tools/sam/bin/python scripts/deploy.py destroy

# Reads the password from standard input, with the terminal's echo off. Shells set USER, and STACK may
# be set for `make logs`, so only values on the command line count.
ON_STACK = $(and $(filter command,$(origin STACK)),$(STACK))
set-password: $(if $(ON_STACK),.tools/sam/.installed) ## set USER's password and end all tokens; in TODO_DB, or with STACK and REGION on AWS
	@test "$(origin USER)" = "command line" || { echo "USER is missing; set USER=…" >&2; exit 1; }
	@cargo build --quiet --features local
	@if [ -t 0 ]; then state=$$(stty -g); trap 'stty "$$state"' EXIT; trap 'exit 1' HUP INT TERM; stty -echo; fi; \
		$(if $(ON_STACK),.tools/sam/bin/python scripts/deploy.py set-password) \
		cargo run --quiet --features local -- set-password "$$USER"

audit: .tools/audit/.installed ## check the dependencies' licences and sources, and for banned or unused ones
	.tools/audit/bin/cargo-deny --all-features check licenses sources
	.tools/audit/bin/cargo-deny check bans
	.tools/audit/bin/cargo-shear

advisories: .tools/audit/.installed ## check the dependencies for known vulnerabilities; fetches the list from GitHub
	.tools/audit/bin/cargo-deny --all-features check advisories

sbom: .tools/cyclonedx/bin/cargo-cyclonedx ## list the deployed binary's dependencies in target/sbom.json, as CycloneDX
	$< cyclonedx --format json --spec-version 1.5 --target aarch64-unknown-linux-gnu --no-build-deps \
		--override-filename sbom
	mkdir -p target && mv sbom.json target/sbom.json

# Compiled from source, which takes two minutes, because no package registry has a binary of it.
.tools/cyclonedx/bin/cargo-cyclonedx:
	cargo install --locked cargo-cyclonedx@0.5.9 --root .tools/cyclonedx

.PHONY: tools
tools: $(patsubst %,.tools/%/.installed,audit aws calendar cargo-lambda checkov contract sam)

# One virtual environment for each file in scripts/requirements, created when it is first needed.
.tools/%/.installed: scripts/requirements/%.txt
	@echo "Installing $* into .tools/ …" >&2
	@$(PYTHON) -m venv .tools/$* >&2 || { echo "Python cannot create virtual environments: install python3-venv" >&2; exit 1; }
	@PIP_USER=0 .tools/$*/bin/pip install --quiet --disable-pip-version-check $(PIP_FLAGS) --requirement $< >&2
	@touch $@

# cargo-lambda's only dependency is Zig, 450 MB that only cross-compiling needs.
.tools/cargo-lambda/.installed: PIP_FLAGS = --no-deps
