# What can be done with this repository; `make` alone lists it.

SWIFT ?= swift
CONFIG ?= config.yml
FORMAT := $(SWIFT) format
SOURCES := Package.swift Sources Tests Examples/HelloWorld/Package.swift Examples/HelloWorld/Sources \
    Examples/CustomMiddleware/Package.swift Examples/CustomMiddleware/Sources Examples/CustomMiddleware/Tests \
    Examples/LoadablePlugin/Package.swift Examples/LoadablePlugin/Sources Examples/LoadablePlugin/Tests \
    Fuzz/Package.swift Fuzz/Sources Benchmarks/Package.swift Benchmarks/Sources \
    Benchmarks/rivals/HummingbirdServer/Package.swift Benchmarks/rivals/HummingbirdServer/Sources
FUZZ_SECONDS ?= 120
SOAK_SECONDS ?= 60
BENCH_ROUNDS ?= 5
# All at once, a task of one test would queue behind the others for up to a minute, and its gates would call that a hang.
TEST_WIDTH ?= 16
# One test at a time: what a sanitizer slows down tenfold would run into the timeouts that are tested. Proxies prove nothing here.
SANITIZED := --no-parallel --filter ContextPoolTests --filter ContextPoolTestingTests --filter EventServerTests --filter MiddlewareTests --skip SmugglingTests

.PHONY: help setup build dist run test test-allocations lint format examples framing fuzz corpora soak test-asan test-tsan setup-tests setup-bench bench bench-growth bench-start bench-profile bench-instructions bench-check bench-pool bench-allocations bench-routes laws clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-17s %s\n", $$1, $$2 }'

setup: ## Install the system packages that are missing (libevent, libcrypt, zlib, brotli, zstd, pkg-config)
	@./scripts/setup.sh

setup-tests: ## Install what only tests need, too (nginx, HAProxy)
	@./scripts/setup.sh tests

setup-bench: ## Install what the benchmarks ask and count with, too (wrk, nginx, strace)
	@./scripts/setup.sh bench

build: setup ## Build the server in release mode
	$(SWIFT) build -c release --product baton

dist: setup ## Build dist/baton: one file for any Debian of this age that has libevent
	@SWIFT=$(SWIFT) ./scripts/dist.sh

run: build ## Build, and serve with config.yml on 127.0.0.1:8080
	@exec "$$($(SWIFT) build -c release --show-bin-path)/baton" serve --config $(CONFIG)

test: setup-tests ## Build everything and run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --experimental-maximum-parallelization-width $(TEST_WIDTH)

test-allocations: setup ## Count what a request allocates in a release build, and fail where it is more than it was
	$(SWIFT) build -c release --product AllocationProbe
	$(SWIFT) build --build-tests
	ALLOCATION_PROBE="$$($(SWIFT) build -c release --show-bin-path)/AllocationProbe" $(SWIFT) test --skip-build --filter AllocationTests

lint: ## Check format, documentation and naming
	$(FORMAT) lint --strict --recursive --parallel $(SOURCES)

format: ## Format all sources in place
	$(FORMAT) --in-place --recursive --parallel $(SOURCES)

test-asan: setup ## Run the suites of EventServer, Middleware and ContextPool under AddressSanitizer
	ASAN_OPTIONS="detect_leaks=0" SWIFT_BACKTRACE=enable=no \
	$(SWIFT) test --sanitize=address --scratch-path .build-asan $(SANITIZED)

test-tsan: setup ## Run the suites of EventServer, Middleware and ContextPool under ThreadSanitizer
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/tsan-suppressions.txt exitcode=66" SWIFT_BACKTRACE=enable=no \
	$(SWIFT) test --sanitize=thread --scratch-path .build-tsan $(SANITIZED)

# Without SWIFT_BACKTRACE a found crash would hang in Swift's own handler.
fuzz: setup ## Feed random bytes to the parser and to whole connections (FUZZ_SECONDS each)
	$(SWIFT) build -c release --package-path Fuzz -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing
	for target in Parser Connection; do \
	    mkdir -p Fuzz/.build/corpus/$$target Fuzz/.build/crashes && SWIFT_BACKTRACE=enable=no \
	    Fuzz/.build/release/$${target}Fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=20 -max_len=4096 -print_final_stats=1 \
	    -dict=Fuzz/http.dict -artifact_prefix=Fuzz/.build/crashes/ Fuzz/.build/corpus/$$target Fuzz/Corpus || exit 1; \
	done

corpora: ## Fetch the request corpus of llhttp, an oracle of the parser's tests
	rm -rf .corpora/llhttp
	git clone -q --depth 1 https://github.com/nodejs/llhttp .corpora/llhttp

soak: ## Attack, hold 15,000 connections, and fuzz, for minutes
	@./scripts/setup.sh soak
	BATON_SOAK=$(SOAK_SECONDS) $(SWIFT) test --filter SoakTests
	BATON_SOAK=$(SOAK_SECONDS) $(SWIFT) test --filter StressTests
	$(MAKE) fuzz FUZZ_SECONDS=$(SOAK_SECONDS)

framing: setup ## Write docs/framing.md anew from the table of the tests
	BATON_WRITE_FRAMING=1 $(SWIFT) test --filter FramingDocumentTests

laws: setup ## Write docs/context-laws.md anew from the names of the tests
	BATON_WRITE_LAWS=1 $(SWIFT) test --filter ContextLawsDocumentTests

examples: setup ## Build the examples, which are the samples of README and guides, and run their tests
	$(SWIFT) build --package-path Examples/HelloWorld
	$(SWIFT) test --package-path Examples/CustomMiddleware
	./scripts/check-loadable-plugin.sh

bench-growth: setup-bench ## Measure how the cost of a request grows (BENCH_ROUNDS)
	@cd Benchmarks && exec python3 -m bench.growth

bench-start: setup-bench dist ## Measure the time to the first answer, memory and size of dist/baton
	@cd Benchmarks && exec python3 -m bench.start

bench-profile: setup-bench ## Show where the processor time of a request goes (BENCH_CASES, BENCH_LINES; needs perf)
	@cd Benchmarks && exec python3 -m bench.profile

bench-instructions: setup-bench ## Count the instructions of a request in user space, by function (BENCH_CASES, BENCH_LINES; needs valgrind)
	@cd Benchmarks && exec python3 -m bench.instructions

bench-check: ## Test the parts of the benchmarks that read, count and draw
	@cd Benchmarks && python3 -m unittest discover -s tests -t .

bench-pool: ## Measure the pool beside its rivals (BENCH_ROUNDS)
	$(SWIFT) build -c release --package-path Benchmarks --product PoolBenchmarks
	@exec Benchmarks/.build/release/PoolBenchmarks $(BENCH_ROUNDS)

bench-allocations: ## Count what a job of the pool allocates; fails where it is more than it was
	$(SWIFT) build -c release --package-path Benchmarks --product PoolAllocations
	@exec Benchmarks/.build/release/PoolAllocations

bench-routes: ## Measure looking routes up among ten and among ten thousand (BENCH_ROUNDS)
	$(SWIFT) build -c release --package-path Benchmarks --product RouteBenchmarks
	@exec Benchmarks/.build/release/RouteBenchmarks $(BENCH_ROUNDS)

bench: setup-bench ## Measure Baton beside its rivals (BENCH_CASES, BENCH_RIVALS, BENCH_ROUNDS; see Benchmarks/README.md)
	@cd Benchmarks && exec python3 -m bench

clean: ## Remove everything that was built
	rm -rf dist .build .build-dist .build-asan .build-tsan Examples/*/.build Fuzz/.build Benchmarks/.build Benchmarks/rivals/*/.build
