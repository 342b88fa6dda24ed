#pragma once
// Numbers as people read them. None of it depends on the locale.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace grok::cli {

/// "12,769"
std::string grouped(std::int64_t n);
/// With so many significant digits: "0.02065", "2.431e-07", "nan".
std::string significant(double x, int digits = 4);
/// With so many decimals: "14.52"
std::string fixed(double x, int decimals);
/// The shortest text that reads back as the same double; "nan", "inf", "-inf".
std::string shortest(double x);
/// "84.6 %"
std::string percent(double share);
/// "2.7 MB": powers of 1000.
std::string bytes(double n);
/// "14.5 G"
std::string scaled(double n);
/// "3 min 05 s"
std::string duration(double seconds);

/// Filled up with spaces to a width, counted in characters, not bytes.
std::string left(std::string_view text, std::size_t width);
std::string right(std::string_view text, std::size_t width);
/// Lines of at most so many characters, broken between words; a longer word has its own line.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
/// Characters of a UTF-8 text.
std::size_t n_characters(std::string_view text);

}  // namespace grok::cli
