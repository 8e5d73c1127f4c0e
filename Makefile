PORT ?= 9000
TODO_DB ?= .todo/todo.db
EVENT ?= events/list.json
ARCH ?= arm64
PYTHON ?= python3
export PORT TODO_DB ARCH

TOOL = $(PYTHON) scripts/tool.py

.DEFAULT_GOAL := help
.PHONY: help run invoke test lint build deploy

help: ## say what there is to make
	@grep -hE '^[a-z]+: .*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

run: ## serve on PORT (9000) of this machine, data in TODO_DB (.todo/todo.db)
	@$(PYTHON) scripts/run.py

invoke: ## send EVENT (events/list.json) to the service that runs on PORT
	@$(TOOL) cargo-lambda lambda invoke --invoke-address 127.0.0.1 --invoke-port $(PORT) \
		--data-file "$(EVENT)"

test: ## every test: units, the API on its engine, the running service
	cargo test --features local
	$(PYTHON) -m unittest discover -s tests/e2e -v

lint: ## formatting, clippy, documentation, template
	cargo fmt --check
	cargo clippy --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --all-features
	$(TOOL) cfn-lint template.yaml
	$(TOOL) sam validate --lint

build: ## the function for AWS, for ARCH (arm64 or x86_64); ZIG=1 links with Zig
	$(PYTHON) scripts/build.py

deploy: build ## build, then put it on AWS; asks where the first time
	$(TOOL) sam deploy $(if $(wildcard samconfig.toml),,--guided) \
		--capabilities CAPABILITY_IAM --parameter-overrides Architecture=$(ARCH)
