#pragma once
// What every fuzzer is made of: the function that libFuzzer calls, and the inputs to begin with. To
// add one, copy spec_target.cpp and add a line to CMakeLists.txt.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

/// Hands the bytes to the parser. Returns 0; anything wrong ends the program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Changes `data`, which has room for `max_size` bytes, and returns its new size. libFuzzer brings
/// one, replay_main.cpp another.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// A target may bring a mutator of its own, which knows the format.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed)
    __attribute__((weak));

namespace grok::fuzz {

/// Inputs from which mutation starts: sound ones, and the corpora of bad ones made by hand.
std::vector<std::string> seeds();

/// Words of the format, which libFuzzer puts in here and there.
std::vector<std::string> words();

/// A property that must hold of every input: ends the program, so that the fuzzer keeps the input.
inline void must_hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
  std::abort();
}

}  // namespace grok::fuzz
