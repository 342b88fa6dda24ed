#include "tests/faults/file_watch.h"

namespace grok::faults {
namespace {

FileWatch* the_watch = nullptr;

}  // namespace

thread_local int InsideSqlite::depth_ = 0;

Watching::Watching(FileWatch& watch) {
  install_watched_vfs();
  the_watch = &watch;
}

Watching::~Watching() { the_watch = nullptr; }

bool is_watched() { return the_watch != nullptr; }

Verdict judge(const FileOperation& operation) {
  return the_watch ? the_watch->before(operation) : Verdict::proceed;
}

void tell_done(const FileOperation& operation) {
  if (the_watch) the_watch->after(operation);
}

}  // namespace grok::faults
