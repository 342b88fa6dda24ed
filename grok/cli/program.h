#pragma once
// The program itself, run by the tests as a user runs it.

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace grok::testing {

struct Outcome {
  int exit_code = 0;  // 128 + the signal's number if one ended it
  std::string out, err;
};

/// Runs `grokscope ARGUMENTS` to its end.
///   environment  "NAME=value", added to the test's own
Outcome grokscope(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment = {});

/// The same with its standard output sent to the file at `out`; what it wrote there is not read.
Outcome grokscope_to(const char* out, const std::vector<std::string>& arguments);

/// A run of the program that can be signalled while it goes.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {}, const char* out = nullptr);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void signal(int number) const;
  /// Waits for the end; may be called once.
  Outcome finish();

 private:
  pid_t pid_ = -1;
  std::FILE* out_;
  std::FILE* err_;
};

}  // namespace grok::testing
