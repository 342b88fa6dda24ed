#pragma once
// Owned arrays with a shape, and an ordered list of named ones (weights, captures, gradients).

#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grok/base/error.h"
#include "grok/base/shape.h"

namespace grok {

/// Bytes to which every array of numbers is aligned: one cache line, one AVX-512 vector.
inline constexpr std::size_t alignment = 64;

template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{alignment}));
  }
  void deallocate(T* p, std::size_t) { ::operator delete (p, std::align_val_t{alignment}); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

using Floats = std::span<float>;
using ConstFloats = std::span<const float>;
using Doubles = std::span<const double>;
using Token = std::int32_t;
using Tokens = std::span<const Token>;

/// A row-major array that owns its numbers; `data.size() == shape.n_elements()` always.
template <class T>
struct TensorOf {
  Shape shape;
  AlignedVector<T> data;

  TensorOf() : data(1) {}
  explicit TensorOf(const Shape& s) : shape(s), data(static_cast<std::size_t>(s.n_elements())) {}
  TensorOf(const Shape& s, std::span<const T> values)
      : shape(s), data(values.begin(), values.end()) {
    GROK_REQUIRE(static_cast<std::int64_t>(values.size()) == s.n_elements(),
                 std::to_string(values.size()) + " values for " + s.to_string());
  }

  std::span<T> span() { return data; }
  std::span<const T> span() const { return data; }
  friend bool operator==(const TensorOf&, const TensorOf&) = default;
};

using Tensor = TensorOf<float>;
using DoubleTensor = TensorOf<double>;
using TokenTensor = TensorOf<Token>;

/// Tensors by name, in the order in which they were added: a model's weights, an optimizer's
/// state, the captures of one forward pass.
template <class T>
class NamedTensorsOf {
 public:
  struct Entry {
    std::string name;
    TensorOf<T> tensor;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// Throws ContractBroken if the name is taken.
  TensorOf<T>& add(std::string name, TensorOf<T> tensor) {
    GROK_REQUIRE(find(name) == nullptr, "two tensors named " + name);
    entries_.push_back({std::move(name), std::move(tensor)});
    return entries_.back().tensor;
  }
  /// Null if there is no tensor of that name.
  const TensorOf<T>* find(std::string_view name) const {
    for (const Entry& e : entries_)
      if (e.name == name) return &e.tensor;
    return nullptr;
  }
  TensorOf<T>* find(std::string_view name) {
    return const_cast<TensorOf<T>*>(std::as_const(*this).find(name));
  }
  /// Throws ContractBroken if there is no tensor of that name.
  const TensorOf<T>& at(std::string_view name) const {
    const TensorOf<T>* found = find(name);
    GROK_REQUIRE(found != nullptr, "no tensor named " + std::string(name));
    return *found;
  }
  TensorOf<T>& at(std::string_view name) {
    return const_cast<TensorOf<T>&>(std::as_const(*this).at(name));
  }

  std::size_t size() const { return entries_.size(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  friend bool operator==(const NamedTensorsOf&, const NamedTensorsOf&) = default;

 private:
  std::vector<Entry> entries_;
};

using NamedTensors = NamedTensorsOf<float>;
using Weights = NamedTensors;

}  // namespace grok
