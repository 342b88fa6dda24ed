#include "grok/cli/serve_page.h"

#include <chrono>
#include <thread>

#include "grok/cli/list_json.h"
#include "grok/cli/spec_option.h"

namespace grok::cli {

serve::Catalogs page_catalogs() {
  return {.load =
              [](const std::string& preset, const std::vector<std::string>& overrides) {
                return SpecOption{.spec = preset, .overrides = overrides}.load();
              },
          .list = list_json};
}

void wait_for(const std::atomic<bool>& flag) {
  while (!flag.load()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

}  // namespace grok::cli
