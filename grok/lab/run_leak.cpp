#include "grok/lab/run_leak.h"

#include "grok/base/error.h"
#include "grok/lab/spec_schema.h"

namespace grok {

std::optional<MirrorLeak> leak_of(const RunFile& file) {
  try {
    return mirror_leak(tasks::data_of(stored_spec(file.spec_json()).task));
  } catch (const Error&) {
    return std::nullopt;  // a remark beside what was asked for, which stands without it
  }
}

}  // namespace grok
