#pragma once
// What goes wrong, and how it is said. `Error` is for a world that is wrong (a bad spec, a torn
// file); `ContractBroken` is for a caller that is wrong. Normal outcomes are types, not errors.

#include <stdexcept>
#include <string>

namespace grok {

/// The five kinds of error a user can meet. Each maps once to an exit code (cli/main.cpp).
enum class ErrorCode {
  usage,        // wrong command line or spec
  not_found,    // no such file, step, preset or name
  damaged,      // a file is torn, lies about itself, or fails its digest
  unavailable,  // the system refused: disk full, no permission, locked
  unsupported,  // a valid request that this version or machine cannot serve
};

/// The world is wrong. The message says what, where, the numbers and the likely cause.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// The caller is wrong: a precondition of a function does not hold.
class ContractBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void contract_broken(const char* file, int line, const char* condition,
                                  const std::string& message);

}  // namespace grok

/// Checks a precondition outside hot code, in every build: GROK_REQUIRE(n > 0, "n is " + ...).
#define GROK_REQUIRE(condition, message)                                                  \
  do {                                                                                    \
    if (!(condition)) ::grok::contract_broken(__FILE__, __LINE__, #condition, (message)); \
  } while (false)

/// Checks a precondition inside kernels, in debug builds only.
#ifdef GROK_DEBUG
#define GROK_ASSERT(condition) GROK_REQUIRE(condition, "")
#else
// Not evaluated, but read: what only an assertion uses is not unused.
#define GROK_ASSERT(condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#endif
