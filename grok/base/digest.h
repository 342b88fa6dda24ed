#pragma once
// SHA-256, by which specs, keyframes and files are named and checked.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace grok {

/// A digest built up piece by piece: the pieces' boundaries do not matter.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);

  /// The digest as 64 lower-case hexadecimal digits; afterwards the object starts afresh.
  std::string finish_hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);

}  // namespace grok
