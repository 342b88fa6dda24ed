#include "grok/lab/stored_size.h"

namespace grok {
namespace {

constexpr std::int64_t page = 4096;
constexpr std::int64_t page_payload = 4092;  // of a page that a long value continues on

// What SQLite's dbstat table tells of a full nanda-mainline run, 4,053 metrics and 1,490 arrays:
// bytes of a row beside its name and its numbers, and the share of pages that rows take.
struct Layout {
  std::int64_t row_overhead;
  double fill;
};
constexpr Layout metric_layout{12, 0.85}, array_layout{23, 0.90}, index_layout{8, 0.72};

std::int64_t in_pages(const Layout& layout, std::int64_t n_rows, std::int64_t bytes) {
  return static_cast<std::int64_t>(static_cast<double>(n_rows * layout.row_overhead + bytes) /
                                   layout.fill);
}

}  // namespace

std::int64_t stored_blob_bytes(std::int64_t n_bytes) {
  return (n_bytes + page_payload - 1) / page_payload * page;
}

std::int64_t stored_bytes(const Measurements& found) {
  std::int64_t metrics = 0, arrays = 0, index = 0;
  for (const auto& [name, value] : found.metrics)
    metrics += static_cast<std::int64_t>(sizeof value + name.size());
  for (const ArrayMetric& array : found.arrays) {
    const auto name = static_cast<std::int64_t>(array.name.size());
    const std::int64_t size = array.precision == ArrayPrecision::f64 ? 8 : 4;
    arrays += size * array.values.shape.n_elements() + name;
    index += name;
  }
  return in_pages(metric_layout, std::ssize(found.metrics), metrics) +
         in_pages(array_layout, std::ssize(found.arrays), arrays) +
         in_pages(index_layout, std::ssize(found.arrays), index);
}

}  // namespace grok
