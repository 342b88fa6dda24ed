#pragma once
// Checks that something fails as grok::Error, with this code and these words.

#include <string>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {

template <class F>
::testing::AssertionResult fails_with(ErrorCode code, const std::string& words, F&& f) {
  try {
    f();
  } catch (const Error& error) {
    const std::string text = error.what();
    if (error.code() != code) {
      return ::testing::AssertionFailure()
             << "code " << static_cast<int>(error.code()) << ": " << text;
    }
    if (text.find(words) == std::string::npos) {
      return ::testing::AssertionFailure() << "does not say \"" << words << "\": " << text;
    }
    return ::testing::AssertionSuccess();
  } catch (const std::exception& error) {
    return ::testing::AssertionFailure() << "another exception: " << error.what();
  }
  return ::testing::AssertionFailure() << "nothing was thrown";
}

}  // namespace grok
