#pragma once
// Broken run files, made by hand from a good one: each is wrong in a way of its own.

#include <string>
#include <vector>

#include "tests/formats/bad_file.h"

namespace grok::formats {

/// All of them: made by SQL that changes tables or rows, or by changes to the bytes. Where a row
/// was changed its digest and checksum fit again, unless it is they that are wrong.
const std::vector<BadFile>& bad_run_files();
/// Sound files that look odd: what is read from them is what `smaller_run_bytes` holds.
const std::vector<BadFile>& odd_run_files();

/// How a bad run file is made.
struct RunEdit {
  enum class How { edit, forge };
  std::string what;
  How how = How::edit;
  std::string sql;
  std::string words;
  ErrorCode code = ErrorCode::damaged;
};

/// The parts of the corpus: what is wrong with the tables; with the rows of metrics, arrays and
/// keyframes; with the spec, manifest and events.
std::vector<RunEdit> table_edits();
std::vector<RunEdit> row_edits();
std::vector<RunEdit> text_edits();
/// Changes to the bytes themselves.
std::vector<BadFile> byte_changes();

/// SQL that makes a table of the same rows without types, keys or constraints.
std::string loosened(const std::string& table);

}  // namespace grok::formats
