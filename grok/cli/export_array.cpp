#include "grok/cli/export_array.h"

#include <algorithm>
#include <span>

#include "grok/base/error.h"
#include "grok/cli/format.h"
#include "grok/spec/suggest.h"
#include "grok/store/atomic_file.h"

namespace grok::cli {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

// A file from elsewhere may have names of any length.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 1000;
  const std::string all = comma_list(names);
  return all.size() <= most ? all : all.substr(0, most) + " ...";
}

void check_name(const RunFile& file, const std::string& name) {
  const std::vector<std::string> arrays = file.array_metric_names();
  if (std::find(arrays.begin(), arrays.end(), name) != arrays.end()) return;
  const std::string path = file.path().string();
  const std::vector<std::string> numbers = file.metric_names();
  if (std::find(numbers.begin(), numbers.end(), name) != numbers.end())
    throw Error(
        ErrorCode::usage,
        path + ": " + name + " is a number at each step, no array: export --metrics has it");
  const auto near = nearest_word(name, arrays);
  throw Error(ErrorCode::usage,
              path + ": no array metric named " + name +
                  (near ? "; did you mean " + *near + "?" : "") +
                  (arrays.empty() ? "; the run has none" : "; known: " + listed(arrays)));
}

std::string head_of(const Shape& shape) {
  std::string out = "step";
  for (int axis = 0; axis < shape.rank(); ++axis) out += ",i" + std::to_string(axis);
  return out + ",value\n";
}

// To the next place, row-major.
void advance(std::vector<std::int64_t>& index, const Shape& shape) {
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    std::int64_t& i = index[static_cast<std::size_t>(axis)];
    if (++i < shape[axis]) return;
    i = 0;
  }
}

class CsvFile {
 public:
  explicit CsvFile(const std::filesystem::path& path) : file_(path) {}

  void add(const ArrayPoint& point) {
    const Shape& shape = point.values.shape;
    if (text_.empty() && n_rows_ == 0) text_ = head_of(shape);
    std::vector<std::int64_t> index(static_cast<std::size_t>(shape.rank()), 0);
    for (const double value : point.values.data) {
      text_ += std::to_string(point.step);
      for (const std::int64_t i : index) text_ += "," + std::to_string(i);
      text_ += "," + shortest(value) + "\n";
      ++n_rows_;
      advance(index, shape);
      if (text_.size() >= piece_bytes) write();
    }
  }

  std::int64_t finish() {
    write();
    file_.commit();
    return n_rows_;
  }

 private:
  void write() {
    file_.write(std::as_bytes(std::span(text_)));
    text_.clear();
  }

  AtomicFile file_;
  std::string text_;
  std::int64_t n_rows_ = 0;
};

}  // namespace

std::int64_t export_array(const RunFile& file, const std::string& name,
                          const std::filesystem::path& out) {
  check_name(file, name);
  CsvFile csv(out);
  int rank = -1;
  file.each_array(name, [&](const ArrayPoint& point) {
    const int found = point.values.shape.rank();
    if (rank >= 0 && found != rank)
      throw Error(ErrorCode::unsupported,
                  file.path().string() + ": " + name + " has " + std::to_string(found) +
                      " axes at step " + std::to_string(point.step) + " and " +
                      std::to_string(rank) + " before, which makes no table");
    rank = found;
    csv.add(point);
  });
  return csv.finish();
}

std::string left_out_text(const RunFile& file) {
  const std::vector<std::string> arrays = file.array_metric_names();
  if (arrays.empty()) return "";
  const bool is_one = arrays.size() == 1;
  return std::to_string(arrays.size()) + (is_one ? " array metric is" : " array metrics are") +
         " not in it (" + listed(arrays) + "): export --array NAME";
}

}  // namespace grok::cli
