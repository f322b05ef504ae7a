# Haldane: `make` lists what can be done.
.DEFAULT_GOAL := help
.PHONY: help setup build test demo lint fuzz soak bench install clean

SWIFT ?= swift
RELEASE := $(SWIFT) build -c release --static-swift-stdlib --product haldane
BINARY := .build/release/haldane
PREFIX ?= /usr/local
# All tests at once would starve those that wait for a network answer of processor time for minutes.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 6

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the system libraries that are missing (Debian, Ubuntu)
	@scripts/setup.sh

build: setup ## Build the release binary: .build/release/haldane
	@scripts/quietly.sh "building the release binary" $(RELEASE)

demo: build ## Watch a canary be promoted, no cluster needed
	@$(BINARY) demo --speed 20

test: setup ## Build and run every test
	@scripts/quietly.sh "building the tests" $(SWIFT) build --build-tests
	@SWIFT=$(SWIFT) scripts/run-tests.sh

lint: ## Check formatting and house rules
	@$(SWIFT) format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests

fuzz: setup ## Run every fuzz test for FUZZ_SECONDS each (default 60)
	@scripts/quietly.sh "building the tests" $(SWIFT) build --build-tests
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(SWIFT) test --skip-build --filter Fuzz

soak: setup ## Run the long tests in full: damage, kill -9, churn (over half an hour)
	@scripts/quietly.sh "building the tests" $(SWIFT) build --build-tests
	@SOAK=1 $(SWIFT) test --skip-build --filter Soak

bench: build ## Measure beside Prometheus and VictoriaMetrics, which it installs (about 20 minutes)
	@benchmarks/run.sh

install: build ## Copy binary, manual pages and completions to PREFIX (default /usr/local)
	@install -d $(DESTDIR)$(PREFIX)/bin
	@install -s -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/haldane
	@$(BINARY) --generate-manual $(DESTDIR)$(PREFIX)/share/man/man1
	@install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,bash-completion/completions zsh/site-functions fish/vendor_completions.d)
	@$(BINARY) --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/haldane
	@$(BINARY) --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_haldane
	@$(BINARY) --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/haldane.fish

clean: ## Remove build products
	@rm -rf .build
