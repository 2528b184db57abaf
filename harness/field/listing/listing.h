// What people paste of a process's open files - lsof in its many forms, ls -l of /proc/<pid>/fd, counts - as
// the lines of a watched process's stream, so that the same facts and the same diagnosis serve it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/field/listing/listing_context.h"

namespace walsoak::watch {

struct ListingStream {
  std::vector<nlohmann::ordered_json> lines;
  ListingContext context;
};

// Of each process that holds databases, in the order of the text, or of `pid` alone: header, one sample a
// listing with an event before each that shows another database, end: docs/record.md, "A listing". Throws
// Refused, one line with the place in the text and what to run instead, where there is no listing or no
// database in it, or where `pid` is not in it.
std::vector<ListingStream> streams_of_listing(std::string_view text, std::optional<std::int64_t> pid = {});

}  // namespace walsoak::watch
