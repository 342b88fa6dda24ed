#include "grok/base/float_environment.h"

#include <xmmintrin.h>

namespace grok {
namespace {
constexpr unsigned flush_to_zero = 1u << 15;
constexpr unsigned denormals_are_zero = 1u << 6;
constexpr unsigned rounding_mode = 3u << 13;  // 0 is to nearest
}  // namespace

FlushDenormals::FlushDenormals() : saved_(_mm_getcsr()) {
  _mm_setcsr((saved_ & ~rounding_mode) | flush_to_zero | denormals_are_zero);
}

FlushDenormals::~FlushDenormals() { _mm_setcsr(saved_); }

bool denormals_are_flushed() {
  const unsigned mode = _mm_getcsr();
  return (mode & flush_to_zero) && (mode & denormals_are_zero) && !(mode & rounding_mode);
}

}  // namespace grok
