#pragma once
// What the program says and returns when something is wrong:
//   0 done   1 anything else   2 wrong usage or spec   3 unreadable or damaged file   4 diverged

#include <exception>
#include <string>

#include "grok/base/error.h"
#include "grok/lab/ending.h"

namespace grok::cli {

/// A file that was to be read and cannot be, whatever the reason: it is not there, may not be read,
/// or belongs to a later version.
class UnreadableFile : public Error {
 public:
  using Error::Error;
};

int exit_code(const std::exception& error);
int exit_code(Ending ending);
std::string message_of(const std::exception& error);

}  // namespace grok::cli
