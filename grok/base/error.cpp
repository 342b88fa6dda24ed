#include "grok/base/error.h"

#include <cstring>

namespace grok {

void contract_broken(const char* file, int line, const char* condition,
                     const std::string& message) {
  const char* slash = std::strrchr(file, '/');
  std::string text = std::string(slash ? slash + 1 : file) + ":" + std::to_string(line) +
                     ": expected " + condition;
  if (!message.empty()) text += ": " + message;
  throw ContractBroken(text);
}

}  // namespace grok
