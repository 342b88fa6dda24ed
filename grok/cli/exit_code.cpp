#include "grok/cli/exit_code.h"

#include <new>

namespace grok::cli {

int exit_code(const std::exception& error) {
  if (dynamic_cast<const UnreadableFile*>(&error)) return 3;
  const auto* ours = dynamic_cast<const Error*>(&error);
  if (!ours) return 1;
  switch (ours->code()) {
    case ErrorCode::usage:
    case ErrorCode::not_found:  // what the user named is not there
      return 2;
    case ErrorCode::damaged:
      return 3;
    case ErrorCode::unavailable:
    case ErrorCode::unsupported:
      return 1;
  }
  return 1;
}

int exit_code(Ending ending) {
  switch (ending) {
    case Ending::done:
    case Ending::stopped_by_rule:
      return 0;
    case Ending::interrupted:
      return 1;
    case Ending::diverged:
      return 4;
  }
  return 1;
}

std::string message_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error))
    return "out of memory; nothing that was recorded is lost";
  if (dynamic_cast<const ContractBroken*>(&error))
    return std::string("a mistake in grokscope itself, please report it: ") + error.what();
  return error.what();
}

}  // namespace grok::cli
