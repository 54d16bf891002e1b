# What can be done with this repository; `make` alone lists it.

SWIFT ?= swift
CONFIG ?= config.yml
FORMAT := $(SWIFT) format
SOURCES := Package.swift Sources Tests Examples/HelloWorld/Package.swift Examples/HelloWorld/Sources

.PHONY: help setup build run test lint format examples framing test-tsan bench-nginx clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-12s %s\n", $$1, $$2 }'

setup: ## Install the system packages that are missing (libevent-dev, pkg-config)
	@./scripts/setup.sh

build: setup ## Build the server in release mode
	$(SWIFT) build -c release --product baton

run: build ## Build, and serve with config.yml on 127.0.0.1:8080
	@exec "$$($(SWIFT) build -c release --show-bin-path)/baton" serve --config $(CONFIG)

test: setup ## Build everything and run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

lint: ## Check format, documentation and naming
	$(FORMAT) lint --strict --recursive --parallel $(SOURCES)

format: ## Format all sources in place
	$(FORMAT) --in-place --recursive --parallel $(SOURCES)

test-tsan: setup ## Run the ContextPool tests under ThreadSanitizer
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/tsan-suppressions.txt exitcode=66" \
	$(SWIFT) test --sanitize=thread --scratch-path .build-tsan --filter ContextPoolTests

framing: setup ## Write docs/framing.md anew from the table of the tests
	BATON_WRITE_FRAMING=1 $(SWIFT) test --filter FramingDocumentTests

examples: setup ## Build the examples, which are the samples of the README
	$(SWIFT) build --package-path Examples/HelloWorld

bench-nginx: build ## Compare /hello with nginx on this machine (needs nginx and wrk)
	@./scripts/bench-nginx.sh

clean: ## Remove everything that was built
	rm -rf .build .build-tsan Examples/*/.build
