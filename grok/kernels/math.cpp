#include "grok/kernels/math.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/math.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

#define GROK_ARRAY_FUNCTION(name, T, function)                                     \
  void name(const T* x, T* out, std::size_t n) {                                   \
    for (std::size_t i = 0; i < n; i += width<T>)                                  \
      store_some<T>(function(Full<T>(), load_some(x + i, n - i)), out + i, n - i); \
  }
GROK_ARRAY_FUNCTION(exp_float, float, exp_of)
GROK_ARRAY_FUNCTION(exp_double, double, exp_of)
GROK_ARRAY_FUNCTION(log_float, float, log_of)
GROK_ARRAY_FUNCTION(log_double, double, log_of)
GROK_ARRAY_FUNCTION(tanh_float, float, tanh_of)
GROK_ARRAY_FUNCTION(tanh_double, double, tanh_of)
#undef GROK_ARRAY_FUNCTION

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
#define GROK_ARRAY_FUNCTION(name, T, function)                 \
  HWY_EXPORT(function);                                        \
  void name(std::span<const T> x, std::span<T> out) noexcept { \
    GROK_ASSERT(x.size() == out.size());                       \
    GROK_DISPATCH(function)(x.data(), out.data(), x.size());   \
  }
GROK_ARRAY_FUNCTION(vector_exp, float, exp_float)
GROK_ARRAY_FUNCTION(vector_exp, double, exp_double)
GROK_ARRAY_FUNCTION(vector_log, float, log_float)
GROK_ARRAY_FUNCTION(vector_log, double, log_double)
GROK_ARRAY_FUNCTION(vector_tanh, float, tanh_float)
GROK_ARRAY_FUNCTION(vector_tanh, double, tanh_double)
#undef GROK_ARRAY_FUNCTION
}  // namespace grok
#endif  // HWY_ONCE
