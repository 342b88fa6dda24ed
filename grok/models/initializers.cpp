#include "grok/models/initializers.h"

#include <array>
#include <memory>

#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/base/torch_random.h"

namespace grok {

Initializer::Initializer(std::string_view rng, std::uint64_t seed) {
  if (rng == "torch") {
    const auto stream = std::make_shared<TorchRandom>(seed);
    fill_normal_ = [stream](const std::string&, Floats out) { stream->randn(out); };
    fill_uniform_ = [stream](const std::string&, Floats out) {
      for (float& x : out) x = stream->rand();
    };
  } else {
    GROK_REQUIRE(rng == "philox", std::string(rng));
    fill_normal_ = [seed](const std::string& name, Floats out) {
      const Rng stream(seed, "init." + name);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(stream.normal(i));
    };
    fill_uniform_ = [seed](const std::string& name, Floats out) {
      const Rng stream(seed, "init." + name);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = stream.uniform_float(i);
    };
  }
}

Tensor Initializer::uniform(const std::string& name, const Shape& shape, double bound) {
  Tensor out(shape);
  fill_uniform_(name, out.data);
  const auto low = static_cast<float>(-bound), width = static_cast<float>(2 * bound);
  for (float& x : out.data) x = x * width + low;
  return out;
}

Tensor Initializer::normal(const std::string& name, const Shape& shape, double std) {
  Tensor out(shape);
  fill_normal_(name, out.data);
  // Divided, as the sources do, not multiplied by the reciprocal: the last bit differs.
  const auto divisor = static_cast<float>(1.0 / std);
  for (float& x : out.data) x /= divisor;
  return out;
}

Tensor permuted(const Tensor& in, std::span<const int> axes) {
  const int rank = in.shape.rank();
  GROK_REQUIRE(static_cast<int>(axes.size()) == rank, in.shape.to_string());
  std::array<std::int64_t, Shape::max_rank> strides{};
  Shape shape = in.shape;
  for (int i = 0; i < rank; ++i) {
    const int from = axes[static_cast<std::size_t>(i)];
    shape = shape.with(i, in.shape[from]);
    strides[static_cast<std::size_t>(i)] = in.shape.product(from + 1, rank);
  }
  Tensor out(shape);
  for (std::int64_t i = 0; i < shape.n_elements(); ++i) {
    std::int64_t rest = i;
    std::int64_t at = 0;
    for (int axis = rank - 1; axis >= 0; --axis) {
      at += rest % shape[axis] * strides[static_cast<std::size_t>(axis)];
      rest /= shape[axis];
    }
    out.data[static_cast<std::size_t>(i)] = in.data[static_cast<std::size_t>(at)];
  }
  return out;
}

}  // namespace grok
