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
.PHONY: help run watch invoke test test-web screenshots test-contract bench load run-release openapi lint audit advisories sbom build deploy smoke logs destroy

help: ## say what there is to make
	@grep -hE '^[a-z-]+:.* ## ' Makefile | sed 's/:.* ## /\t/' | expand -t 16

run: startable ## serve on PORT (9000) of this machine, data in TODO_DB (.todo/todo.db)
	@sh scripts/serve.sh --ignore-changes

watch: startable ## the same, and compile and start anew when a file changes
	@sh scripts/serve.sh

# `cargo lambda watch` outlives a service that does not compile or start, and lets requests wait.
.PHONY: startable
startable: .tools/cargo-lambda/.installed
	@$(PYTHON) scripts/port.py
	@cargo build --features local
	@cargo run --quiet --features local -- check

invoke: .tools/cargo-lambda/.installed ## send EVENT (events/list.json) to the service that runs on PORT
	@$(<D)/bin/cargo-lambda lambda invoke --invoke-address 127.0.0.1 --invoke-port $(PORT) \
		--data-file "$(EVENT)"

test: ## every test: units, the API on its engine, the running service
	cargo test --features local
	PYTHONPATH=benches:scripts $(PYTHON) -m unittest discover -s tests/e2e -v

test-web: ## the web client in a headless Chromium; needs Node, installs the rest
	PYTHONPATH=tests/e2e $(PYTHON) tests/web/run.py

screenshots: ## the pictures in docs/img, anew
	PYTHONPATH=tests/e2e $(PYTHON) tests/web/run.py --screenshots

test-contract: .tools/contract/.installed ## the running service against openapi.json; EXAMPLES=1000 for more than 200 each
	EXAMPLES="$(EXAMPLES)" PYTHONPATH=tests/e2e $(PYTHON) -m unittest discover -s tests/contract -v

bench: ## the release binary beside others, into docs/performance.md; ROUNDS=20, ONLY=todo-api,bare
	@cargo build --features local --example engine --target-dir target
	@ROUNDS="$(ROUNDS)" ONLY="$(ONLY)" $(PYTHON) benches/bench.py

.tools/node/bundle.mjs: $(wildcard benches/baselines/node/*)
	@mkdir -p $(@D) && cp $^ $(@D)
	@cd $(@D) && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@# The SDK's own ES modules: its CommonJS fails inside of one, and cannot shed what is unused.
	@cd $(@D) && node node_modules/esbuild/bin/esbuild index.mjs --outfile=bundle.mjs --bundle --minify \
		--platform=node --target=node20 --format=esm --main-fields=module,main --log-level=warning

load: .tools/locust/.installed ## RATE=100 HTTP requests a second for SECONDS=60 to what serves on PORT
	@RATE=$(RATE) .tools/locust/bin/locust --headless --only-summary --locustfile benches/load.py \
		--host http://127.0.0.1:$(PORT) --users 50 --spawn-rate 50 --run-time $(SECONDS)s

run-release: .tools/cargo-lambda/.installed ## for `make load`: INSTANCES=4 as deployed, over one engine in memory, on PORT
	@$(PYTHON) scripts/port.py
	@cargo build --features local --example engine --target-dir target
	@cargo build --release
	@REGISTRATION=open exec $(PYTHON) benches/engine.py \
		sh scripts/serve.sh --ignore-changes --release --features "" --concurrency $(INSTANCES)

openapi: ## write openapi.json anew, after a change of the contract
	WRITE_OPENAPI=1 cargo test --features local --test api committed_copy

lint: .tools/sam/.installed .tools/checkov/.installed ## formatting, clippy, documentation, template
	cargo fmt --check
	cargo fmt --check --manifest-path benches/baselines/Cargo.toml
	cargo clippy --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --all-features
	.tools/sam/bin/cfn-lint template.yaml
	.tools/sam/bin/sam validate --lint
	BC_SKIP_MAPPING=TRUE .tools/checkov/bin/checkov --skip-download --file template.yaml \
		--framework cloudformation --compact --quiet

build: .tools/cargo-lambda/.installed .tools/sam/.installed ## the function for AWS, for ARCH (arm64 or x86_64); ZIG=1 links with Zig
	$(PYTHON) scripts/build.py

deploy: .tools/sam/.installed ## build and put it on AWS; asks the first time, then SET="Name=value …" changes settings
	@$(PYTHON) scripts/deploy.py deploy

smoke: ## the article's session at URL, as a new user (CODE=…) or as USER and PASSWORD
	@$(PYTHON) scripts/smoke.py

logs: .tools/sam/.installed ## the deployed function's log as it grows (STACK, REGION if not deployed from here)
	@$(PYTHON) scripts/deploy.py logs

destroy: .tools/sam/.installed ## delete the stack, after a question; the table stays
	@$(PYTHON) scripts/deploy.py destroy

audit: .tools/audit/.installed ## the dependencies' licences, sources and bans, and any that nothing uses
	.tools/audit/bin/cargo-deny --all-features check licenses sources
	.tools/audit/bin/cargo-deny check bans
	.tools/audit/bin/cargo-shear

advisories: .tools/audit/.installed ## known vulnerabilities in the dependencies; fetches their list from GitHub
	.tools/audit/bin/cargo-deny --all-features check advisories

sbom: .tools/cyclonedx/bin/cargo-cyclonedx ## what the deployed binary is made of, as CycloneDX, into target/sbom.json
	$< cyclonedx --format json --spec-version 1.5 --target aarch64-unknown-linux-gnu --no-build-deps \
		--override-filename sbom
	mkdir -p target && mv sbom.json target/sbom.json

# Two minutes of compiling: nobody has a binary of it.
.tools/cyclonedx/bin/cargo-cyclonedx:
	cargo install --locked cargo-cyclonedx@0.5.9 --root .tools/cyclonedx

.PHONY: tools
tools: $(patsubst %,.tools/%/.installed,audit cargo-lambda checkov contract sam)

# A virtual environment for each of scripts/requirements, made when it is first needed.
.tools/%/.installed: scripts/requirements/%.txt
	@echo "Installing $* into .tools/ …" >&2
	@$(PYTHON) -m venv .tools/$* >&2 || { echo "Python cannot make virtual environments: install python3-venv" >&2; exit 1; }
	@PIP_USER=0 .tools/$*/bin/pip install --quiet --disable-pip-version-check $(PIP_FLAGS) --requirement $< >&2
	@touch $@

# Zig, the only dependency, is 450 MB that only a cross-compiler needs.
.tools/cargo-lambda/.installed: PIP_FLAGS = --no-deps
