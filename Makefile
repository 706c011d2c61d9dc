# Needs Go, Node, git and make; nothing else has to be installed by hand.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# The builder compiles with exactly these settings. Tests and linter use them too, so that all share one build
# cache: the distribution is some 2,000 packages, and compiling them a second time costs minutes.
export GOFLAGS := $(strip $(filter-out -trimpath -tags=%,$(GOFLAGS)) -trimpath -tags=grpcnotrace)
export CGO_ENABLED := 0

# Every tool has a module of its own below internal/tools: its dependencies never meet those of the product.
tool = go tool -modfile=$(CURDIR)/internal/tools/$(1)/go.mod $(2)

BINARY   := _build/otelcol-assay
ASSAYCTL := _build/assayctl
CONFIG   ?= config.yaml
FUZZTIME ?= 10s
# How long `make soak` takes, and each part of `make reliability` at most: a duration of Go.
SOAK     ?= 30m
# Recorded traces, comma-separated, for the memory that buffered spans take.
BENCHDATA ?= $(CURDIR)/testdata/traces/hotrod.jsonl.zst,$(CURDIR)/testdata/traces/mixed.jsonl.zst

# What the binaries are made of. Directories are listed too: a removed file changes only their time stamp.
NOT_PRODUCT := -name .git -o -name '_*' -o -name node_modules -o -name testdata \
               -o -path ./bench -o -path ./docs -o -path ./test -o -path ./internal/tools -o -path ./ui/src -o -path ./ui/dist
SOURCES := $(shell find . -mindepth 1 \( $(NOT_PRODUCT) \) -prune -o \
             \( -type d -o -name '*.go' ! -name '*_test.go' \) -print)
# The console's pages, which are embedded in the binary.
PAGES := ui/dist/index.html

.PHONY: help
help: ## List the targets (this is the default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build, then start the distribution with config.yaml (or CONFIG=file)
	@echo
	@echo "  otelcol-assay starts with $(CONFIG): OTLP on localhost:4317 (gRPC) and localhost:4318 (HTTP)."
	@echo "  Send it recorded traces from a second terminal:"
	@echo
	@echo "      _build/assayctl replay testdata/traces/hotrod.jsonl.zst"
	@echo
	@echo "  What is kept, what changed and whether it all works: http://localhost:4000"
	@echo "  Kept traces go to _build/kept.jsonl. As data: curl localhost:4000/api/diffs localhost:4000/status"
	@echo "  Stop with Ctrl-C."
	@echo
	@exec $(BINARY) --config $(CONFIG)

.PHONY: build
build: $(BINARY) $(ASSAYCTL) ## Build _build/otelcol-assay and _build/assayctl (about 8 minutes the first time)

$(BINARY): builder-config.yaml go.mod go.sum internal/tools/builder/go.mod $(SOURCES) $(PAGES)
	@echo "Building $@ from builder-config.yaml (the first time takes about 8 minutes on 2 cores)"
	@$(call tool,builder,builder) --config builder-config.yaml
	@touch $@

$(PAGES): ui/package-lock.json ui/index.html ui/public.html ui/vite.config.ts ui/tsconfig.json $(shell find ui/src ui/public)
	cd ui && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

.PHONY: ui
ui: $(PAGES) ## Build the console's pages into ui/dist, which the binary embeds

$(ASSAYCTL): go.mod go.sum $(SOURCES)
	go build -o $@ ./cmd/assayctl

# The end-to-end tests go by the wall clock: they are not to share the processors with all the others.
.PHONY: test
test: build ## Run all tests, those against the built binary too
	go test -timeout 20m $$(go list ./... | grep -v '/test/e2e$$')
	go test -timeout 40m ./test/e2e
	go -C bench test ./...
	cd ui && npm test --silent

.PHONY: test-race
test-race: export CGO_ENABLED := 1
test-race: ## Run the tests of our own packages under the race detector (needs a C compiler; fewer seeds)
	go test -race -short -timeout 30m $$(go list ./... | grep -vE '/cmd/otelcol-assay$$|/test/e2e$$')

.PHONY: soak
soak: export ASSAY_SOAK := $(SOAK)
soak: build ## Disturb a running sentinel for SOAK (default 30m) and allow no false alarm; part of `make test` in short
	go test ./test/e2e -run '^TestSentinelSoak$$' -count=1 -timeout 0 -v

.PHONY: reliability
reliability: export ASSAY_RELIABILITY := $(CURDIR)/docs/reliability.md
reliability: export ASSAY_RELIABILITY_MOST := $(SOAK)
reliability: build ## Account for every span while things go wrong, each up to SOAK long, write docs/reliability.md; part of `make test` in short
	go test ./test/e2e -run '^TestAccounting$$' -count=1 -timeout 0 -v

.PHONY: screenshots
screenshots: export ASSAY_SCREENSHOTS := $(CURDIR)/docs/images
screenshots: build ## Take the pictures of the console's pages in docs/images (needs Chromium; three minutes)
	go test ./test/e2e -run '^TestConsole$$' -count=1 -v

.PHONY: console-speed
console-speed: export ASSAY_CONSOLE_SPEED := $(CURDIR)/docs/console-speed.md
console-speed: build ## Measure the console in a browser, write docs/console-speed.md (needs Chromium)
	go test ./test/e2e -run '^TestConsoleSpeed$$' -count=1 -v

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (default 10s)
	@git grep --untracked -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' ':!bench' | while IFS=: read -r file target; do \
		echo "$$file $${target#func }"; \
		go test -run '^$$' -fuzz "^$${target#func }$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null; \
	done

.PHONY: lint
lint: ## Run golangci-lint
	$(call tool,lint,golangci-lint) run ./...

.PHONY: format
format: ## Format the Go code
	$(call tool,lint,golangci-lint) fmt ./...

.PHONY: generate
generate: ## Write what is generated: cmd/otelcol-assay, the code behind every metadata.yaml, the OpenAPI document and what the web UI knows of it
	$(call tool,builder,builder) --config builder-config.yaml --skip-compilation --skip-get-modules
	cp _build/{main,components,main_others,main_windows}.go cmd/otelcol-assay/
	@git ls-files --cached --others --exclude-standard -- 'metadata.yaml' '*/metadata.yaml' | while read -r file; do \
		echo "mdatagen $$file"; \
		(cd "$$(dirname "$$file")" && $(call tool,mdatagen,mdatagen) metadata.yaml </dev/null); \
	done
	go run ./internal/openapi/generate
	cd ui && { test -d node_modules || npm ci --no-audit --no-fund --loglevel=error; } && npm run --silent generate

.PHONY: bench
bench: ## Measure smart_tail_sampling beside contrib tail_sampling in process, write bench/RESULTS.md
	go -C bench run . -results RESULTS.md -data "$(BENCHDATA)"

.PHONY: bench-binary
bench-binary: build peer ## The same for the whole binary under load from outside, beside the newest tail_sampling too
	go -C bench run . -binary $(CURDIR)/$(BINARY) -peer $(CURDIR)/_build/peer/tail-sampling-peer -results RESULTS.md

.PHONY: peer
peer: ## Build a small collector with the newest tail_sampling, to measure beside (a minute)
	cd bench/peer && $(call tool,builder,builder) --config builder-config.yaml

.PHONY: bench-diff
bench-diff: ## Measure trace_diff's aggregation and comparison beside the tutorial's algorithm
	go -C bench run ./tracediff -results RESULTS.md

.PHONY: bench-journal
bench-journal: ## Measure what the journal of smart_tail_sampling costs, and a start that finds a million spans
	go -C bench run ./journal -results RESULTS.md

.PHONY: bench-sentinel
bench-sentinel: build ## Measure the generator of sentinel traffic beside telemetrygen, and what a sentinel costs
	go build -modfile=$(CURDIR)/internal/tools/telemetrygen/go.mod -o _build/telemetrygen \
		github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen
	go -C bench run ./sentinel -telemetrygen $(CURDIR)/_build/telemetrygen -binary $(CURDIR)/$(BINARY) -results RESULTS.md

.PHONY: evaluation
evaluation: ## Measure recall, bias and budgets in process, write docs/evaluation.md (a quarter of an hour)
	go run ./test/sampling/evaluation

.PHONY: evaluation-sentinel
evaluation-sentinel: ## Try the sentinel's verdicts with faults in virtual time, write docs/evaluation.md (ten minutes)
	go run ./test/sentinel/evaluation

.PHONY: evaluation-diff
evaluation-diff: ## Measure false flags, recall, onsets, causes and bias of trace_diff, write docs/evaluation.md (half an hour)
	go run ./test/tracediff/evaluation

.PHONY: evaluation-diff-quick
evaluation-diff-quick: ## The same with few repeats, for a first look, write _build/evaluation-diff.md (three minutes)
	go run ./test/tracediff/evaluation -quick

.PHONY: ci
ci: ## What CI runs: install, test, race, lint, drift, fuzz
	.ci/run

.PHONY: clean
clean: ## Remove what was built
	rm -rf _build
