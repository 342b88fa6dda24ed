#pragma once
// The processor's floating-point mode, set and checked by us: a library built with fast-math can
// change it for the whole process.

namespace grok {

/// While it lives, this thread flushes denormal results and inputs to zero (FTZ and DAZ) and rounds
/// to nearest. A dead unit's Adam state decays into denormals, on which a step runs 45 to 98 times
/// slower (measured; docs/numerics.md). Restores the former mode when it ends.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned saved_;
};

/// True if this thread flushes denormals and rounds to nearest.
bool denormals_are_flushed();

}  // namespace grok
