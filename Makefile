PORT ?= 9000
TODO_DB ?= .todo/todo.db
EVENT ?= events/list.json
PYTHON ?= python3
export PORT TODO_DB

TOOL = $(PYTHON) scripts/tool.py

.DEFAULT_GOAL := help
.PHONY: help run invoke test test-web screenshots test-contract bench instructions load openapi lint audit sbom build deploy smoke logs destroy

help: ## say what there is to make
	@grep -hE '^[a-z-]+: .*## ' Makefile | sed 's/:.*## /\t/' | expand -t 16

run: ## serve on PORT (9000) of this machine, data in TODO_DB (.todo/todo.db)
	@$(PYTHON) scripts/run.py

invoke: ## send EVENT (events/list.json) to the service that runs on PORT
	@$(TOOL) cargo-lambda lambda invoke --invoke-address 127.0.0.1 --invoke-port $(PORT) \
		--data-file "$(EVENT)"

test: ## every test: units, the API on its engine, the running service
	cargo test --features local
	$(PYTHON) -m unittest discover -s tests/e2e -v

test-web: ## the web client in a headless Chromium; needs Node, installs the rest
	$(PYTHON) tests/web/run.py

screenshots: ## the pictures in docs/img, anew
	$(PYTHON) tests/web/run.py --screenshots

test-contract: ## the running service against openapi.json; EXAMPLES=1000 for more than 200 each
	EXAMPLES="$(EXAMPLES)" $(PYTHON) -m unittest discover -s tests/contract -v

bench: ## the release binary beside others, into docs/performance.md; ROUNDS=20, ONLY=todo-api,bare
	@cargo build --features local --example engine --target-dir target
	@ROUNDS="$(ROUNDS)" ONLY="$(ONLY)" OTHER="$(OTHER)" $(PYTHON) benches/bench.py

instructions: ## how many instructions a request takes, by callgrind; needs valgrind
	@cargo build --features local --example engine --target-dir target
	@$(PYTHON) benches/instructions.py

load: ## RATE=100 HTTP requests a second for MINUTES=5, then the highest rate that is borne
	@$(PYTHON) benches/load.py

openapi: ## write openapi.json anew, after a change of the contract
	WRITE_OPENAPI=1 cargo test --features local --test api committed_copy

lint: ## formatting, clippy, documentation, template
	cargo fmt --check
	cargo fmt --check --manifest-path benches/baselines/Cargo.toml
	cargo clippy --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --all-features
	$(TOOL) cfn-lint template.yaml
	$(TOOL) sam validate --lint
	$(TOOL) checkov --file template.yaml --framework cloudformation --compact --quiet

build: ## the function for AWS, for ARCH (arm64 or x86_64); ZIG=1 links with Zig
	$(PYTHON) scripts/build.py

deploy: ## build and put it on AWS; asks the first time, then SET="Name=value …" changes settings
	@$(PYTHON) scripts/deploy.py

smoke: ## the article's session at URL, as a new user (CODE=…) or as USER and PASSWORD
	@$(PYTHON) scripts/smoke.py

logs: ## the deployed function's log as it grows (STACK, REGION if not deployed from here)
	@$(PYTHON) scripts/stack.py logs

destroy: ## delete the stack, after a question; the table stays
	@$(PYTHON) scripts/stack.py destroy

audit: ## licences, advisories, bans, sources, unused dependencies, as far as the tools are there
	@$(PYTHON) scripts/audit.py

sbom: ## what the deployed binary is made of, as CycloneDX, into target/sbom.json
	@$(PYTHON) scripts/sbom.py
