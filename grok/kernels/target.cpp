#include "grok/kernels/target.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <hwy/highway.h>

#include "grok/base/error.h"

namespace grok {
namespace {

struct Target {
  std::string_view name;
  std::int64_t bit;
};

constexpr std::array<Target, 3> targets{
    {{"avx512", HWY_AVX3}, {"avx2", HWY_AVX2}, {"portable", HWY_SSSE3}}};

std::atomic<const Target*> active{nullptr};

std::int64_t machine_targets() {
  static const std::int64_t bits = hwy::SupportedTargets();  // before any mock is set
  return bits;
}

bool is_available(const Target& target) { return (machine_targets() & target.bit) != 0; }

const Target* find_available(std::string_view name) {
  for (const Target& target : targets)
    if (target.name == name && is_available(target)) return &target;
  return nullptr;
}

[[noreturn]] void refuse(std::string_view name, std::string_view from) {
  std::string message(from);
  message.append(": no kernels for \"").append(name).append("\"; this machine has");
  for (const std::string_view available : available_targets())
    message.append(" ").append(available);
  throw Error(ErrorCode::unsupported, message);
}

void use(const Target* target) noexcept {
  hwy::SetSupportedTargetsForTest(target->bit);
  hwy::GetChosenTarget().Update(target->bit);
  active.store(target, std::memory_order_release);
}

// The variable's value, or empty if it is unset.
std::string_view wanted() {
  const char* value = std::getenv("GROKSCOPE_TARGET");
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

std::span<const std::string_view> available_targets() {
  static const auto list = [] {
    std::pair<std::array<std::string_view, targets.size()>, std::size_t> found{};
    for (const Target& target : targets)
      if (is_available(target)) found.first[found.second++] = target.name;
    return found;
  }();
  return {list.first.data(), list.second};
}

void settle_target() noexcept {
  if (active.load(std::memory_order_acquire) != nullptr) return;
  const Target* chosen = find_available(wanted());
  use(chosen != nullptr ? chosen : find_available(available_targets().front()));
}

std::string_view active_target() {
  if (active.load(std::memory_order_acquire) == nullptr) {
    const std::string_view name = wanted();
    if (!name.empty() && find_available(name) == nullptr) refuse(name, "GROKSCOPE_TARGET");
    settle_target();
  }
  return active.load(std::memory_order_acquire)->name;
}

void force_target(std::string_view name) {
  const Target* target = find_available(name);
  if (target == nullptr) refuse(name, "force_target");
  use(target);
}

}  // namespace grok
