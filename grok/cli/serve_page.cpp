#include "grok/cli/serve_page.h"

#include <chrono>
#include <thread>

namespace grok::cli {

void wait_for(const std::atomic<bool>& flag) {
  while (!flag.load()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

}  // namespace grok::cli
