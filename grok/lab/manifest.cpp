#include "grok/lab/manifest.h"

#include <ctime>
#include <fstream>

#include <hwy/highway.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "grok/base/float_environment.h"
#include "grok/kernels/target.h"
#include "grok/plan/program.h"

namespace grok {
namespace {

std::string compiler() {
#if defined(__clang__)
  return std::string("clang ") + __clang_version__;
#else
  return std::string("g++ ") + __VERSION__;
#endif
}

// Empty where the system does not say.
std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, n};
}

std::string highway_version() {
#if defined(HWY_MAJOR) && defined(HWY_MINOR) && defined(HWY_PATCH)
  return std::to_string(HWY_MAJOR) + "." + std::to_string(HWY_MINOR) + "." +
         std::to_string(HWY_PATCH);
#else
  return "";
#endif
}

bool flushes_denormals() {
  const FlushDenormals flush;
  return denormals_are_flushed();
}

}  // namespace

std::string grokscope_version() { return GROKSCOPE_VERSION; }

std::string manifest_json(int n_threads) {
  const nlohmann::ordered_json out = {
      {"grokscope", grokscope_version()},
      {"revision", GROKSCOPE_REVISION},
      {"plan_version", plan_version},
      {"compiler", compiler()},
      {"flags", GROKSCOPE_FLAGS},
      {"target", active_target()},
      {"cpu", cpu_model()},
      {"n_threads", n_threads},
      {"denormals_flushed", flushes_denormals()},
      {"sqlite", sqlite3_libversion()},
      {"highway", highway_version()},
      {"started", utc_now()},
  };
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace grok
