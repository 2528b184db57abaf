// What of a trace's summary would tell a reader whose machine it was made on: names of databases, of host,
// user and home.
#pragma once

#include "harness/evidence/record/redact.h"
#include "harness/field/trace/events.h"

namespace walsoak::trace {

// The same with databases as db1, db2, ... in the order of their paths, and without the names that the
// identity holds. A pure function.
Summary without_private_names(const Summary& summary, const record::Identity& identity);

}  // namespace walsoak::trace
