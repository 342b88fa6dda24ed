#pragma once
// Violations as a test's result, the first few of them printed.

#include <gtest/gtest.h>

#include "tests/faults/small_run.h"

namespace grok::faults {

inline ::testing::AssertionResult none(const Violations& violations) {
  if (violations.empty()) return ::testing::AssertionSuccess();
  ::testing::AssertionResult out = ::testing::AssertionFailure();
  out << violations.size() << " violations, such as\n";
  for (std::size_t i = 0; i < violations.size() && i < 12; ++i)
    out << "  " << violations[i] << '\n';
  return out;
}

}  // namespace grok::faults
