#pragma once
// The sizes of a tensor's axes, outermost first; row-major everywhere.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace grok {

/// Up to eight axes, each of size 0 or more. A shape of rank 0 is a scalar, with one element.
class Shape {
 public:
  static constexpr int max_rank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims)
      : Shape(std::span<const std::int64_t>(dims.begin(), dims.size())) {}
  /// Throws ContractBroken on more than eight axes, a negative size, or more than 2^62 elements.
  explicit Shape(std::span<const std::int64_t> dims);

  int rank() const { return rank_; }
  /// The size of an axis; negative axes count from the end, as in PyTorch.
  std::int64_t operator[](int axis) const { return dims_[index(axis)]; }
  std::span<const std::int64_t> dims() const {
    return {dims_.data(), static_cast<std::size_t>(rank_)};
  }
  std::int64_t n_elements() const;

  /// Product of the sizes of axes [begin, end).
  std::int64_t product(int begin, int end) const;
  Shape with(int axis, std::int64_t size) const;
  Shape slice(int begin, int end) const;
  Shape concat(const Shape& other) const;

  /// "[3830, 3, 128]"
  std::string to_string() const;

  friend bool operator==(const Shape& a, const Shape& b) {
    return a.rank_ == b.rank_ && a.dims_ == b.dims_;
  }

 private:
  std::size_t index(int axis) const;

  std::array<std::int64_t, max_rank> dims_{};  // unused axes stay 0, so that == may compare all
  int rank_ = 0;
};

}  // namespace grok
