#pragma once
// Memory for SQLite in a fuzzer: a run file's parser asks for a thousand pieces per input, and the
// sanitizer's own malloc, which takes note of each, costs more than all that is done with them.

namespace grok::fuzz {

/// Gives SQLite memory from lists of freed pieces. Between pieces, behind the end of each and in
/// those that were freed nobody may read or write: the address sanitizer, where it is on, says so as
/// it does of its own. Freed pieces come back in the order in which they were freed, so that they
/// stay out of bounds for as long as can be. For one thread; heeded if nothing has used SQLite yet.
void give_sqlite_cheap_memory();

}  // namespace grok::fuzz
