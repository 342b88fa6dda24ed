# Thin over the CMake presets (CMakePresets.json). Every target installs what is missing first.
#
#   make          build the program: build/release/grokscope
#   make demo     train the paper's run until it groks, watched in a browser; print what was learnt
#   make test     build with two compilers and run all fast tests
#   make sanitize the quick tests under address, undefined-behaviour and thread sanitizers
#   make science  long tests and every preset against its published figures (many hours; a part:
#                 ctest --test-dir build/release -R science.reproduces.pizza-A)
#   make fuzz     10 million executions of each parser under libFuzzer (hours; FUZZ_RUNS=100000: minutes)
#   make bench    benchmarks, as tables
#   make performance  docs/performance.md anew from them: on a quiet machine, half an hour
#   make clean    remove build/

BUILD = cmake --build --preset
TEST = ctest --output-on-failure --test-dir

.PHONY: all demo test sanitize science fuzz bench performance bench-programs clean setup
all: setup
	@cmake --preset release >build-release.log 2>&1 || { cat build-release.log; exit 1; }
	@rm -f build-release.log
	@$(BUILD) release --target grokscope

setup:
	@scripts/setup.sh

demo: all
	@build/release/grokscope train nanda-mainline --out build/nanda-mainline.grok --serve

# Chromium (or that which $$CHROMIUM names), and letters for it, for the tests of the page.
test:
	@scripts/setup.sh $(if $(CHROMIUM),,chromium) fonts-dejavu-core
	cmake --preset release
	$(BUILD) release
	$(TEST) build/release -LE science -j 2
	cmake --preset clang
	$(BUILD) clang
	$(TEST) build/clang -L quick -j 2

sanitize: setup
	cmake --preset asan
	$(BUILD) asan
	$(TEST) build/asan -L quick -j 2
	cmake --preset tsan
	$(BUILD) tsan
	$(TEST) build/tsan -L quick -j 2

science: setup
	cmake --preset release
	$(BUILD) release
	$(TEST) build/release -L science --verbose

FUZZ_RUNS = 10000000
fuzz: setup
	cmake --preset fuzz
	$(BUILD) fuzz --target fuzzers
	fuzz/run.sh build/fuzz $(FUZZ_RUNS)

bench: bench-programs
	build/release/kernel_bench
	build/release/probe_bench
	build/release/step_bench
	build/release/sweep_bench
	build/release/replay_bench

performance: bench-programs
	scripts/performance.py --programs build/release --keep build/performance

# PyTorch's step beside ours, with two more BLAS from which it may have the fastest; oneDNN beside our
# kernels.
bench-programs:
	@scripts/setup.sh
	@scripts/setup.sh python3-torch libblis4-openmp libopenblas0-openmp libdnnl-dev || echo "bench: without them"
	cmake --preset release
	$(BUILD) release

clean:
	rm -rf build
