#pragma once
// A database is a program too: views, triggers, computed columns and virtual tables run when it is
// read or written. A run file has none of them.

#include "grok/store/sqlite.h"

namespace grok {

/// Checks that the database holds nothing but tables of plain columns, and indexes over such.
///
///   throws   Error{damaged} that names the first thing that is neither
void check_holds_plain_tables(const Database& database);

}  // namespace grok
