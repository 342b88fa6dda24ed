#include "grok/base/shape.h"

#include <algorithm>

#include "grok/base/error.h"

namespace grok {

Shape::Shape(std::span<const std::int64_t> dims) : rank_(static_cast<int>(dims.size())) {
  GROK_REQUIRE(dims.size() <= max_rank, "a shape has " + std::to_string(dims.size()) + " axes");
  std::copy(dims.begin(), dims.end(), dims_.begin());
  std::int64_t n = 1;
  for (const std::int64_t d : dims) {
    GROK_REQUIRE(d >= 0, "an axis has size " + std::to_string(d));
    GROK_REQUIRE(!__builtin_mul_overflow(n, std::max<std::int64_t>(d, 1), &n) && n <= (1LL << 62),
                 "too many elements");
  }
}

std::size_t Shape::index(int axis) const {
  const int i = axis < 0 ? axis + rank_ : axis;
  GROK_REQUIRE(i >= 0 && i < rank_, "axis " + std::to_string(axis) + " of " + to_string());
  return static_cast<std::size_t>(i);
}

std::int64_t Shape::n_elements() const { return product(0, rank_); }

std::int64_t Shape::product(int begin, int end) const {
  std::int64_t n = 1;
  for (int i = begin; i < end; ++i) n *= (*this)[i];
  return n;
}

Shape Shape::with(int axis, std::int64_t size) const {
  Shape out = *this;
  out.dims_[index(axis)] = size;
  return out;
}

Shape Shape::slice(int begin, int end) const {
  GROK_REQUIRE(0 <= begin && begin <= end && end <= rank_, to_string());
  return Shape(
      dims().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

Shape Shape::concat(const Shape& other) const {
  GROK_REQUIRE(rank_ + other.rank_ <= max_rank, to_string() + " with " + other.to_string());
  Shape out = *this;
  for (const std::int64_t d : other.dims()) out.dims_[static_cast<std::size_t>(out.rank_++)] = d;
  return out;
}

std::string Shape::to_string() const {
  std::string out = "[";
  for (int i = 0; i < rank_; ++i) {
    if (i) out += ", ";
    out += std::to_string((*this)[i]);
  }
  return out + "]";
}

}  // namespace grok
