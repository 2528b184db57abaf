// The WAL-reset bug, judged by the SQLite versions of a watched process.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <vector>

#include "harness/judgement/diagnosis/diagnosis_parts.h"
#include "harness/model/vocabulary/mechanisms.h"
#include "harness/model/vocabulary/wal_reset.h"

namespace walsoak::judgement {
namespace {

// 3040001 for "3.40.1"; 0 if the text is not a version.
int number_of(const std::string& version) {
  int parts[3] = {};
  const char* at = version.data();
  const char* const end = at + version.size();
  for (int& part : parts) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc() || part > 999) return 0;
    at = next != end ? next + 1 : end;
  }
  return parts[0] * 1000000 + parts[1] * 1000 + parts[2];
}

}  // namespace

void look_at_library(const facts::ProcessHistory& evidence, Parts& parts) {
  if (!evidence.libraries() || evidence.databases().empty()) return;
  std::vector<std::string> with, without;
  for (const auto& [file, version] : *evidence.libraries()) {
    const int number = number_of(version);
    if (number == 0) continue;
    (has_wal_reset_bug(number) ? with : without).push_back(fmt::format("SQLite {} ({})", version, file));
  }
  // Never ruled out: a statically linked SQLite shows no version.
  if (!with.empty()) {
    parts.cannot_tell(
        kWalReset,
        fmt::format("possible, and nothing that can be seen from outside shows it: {} has the bug; "
                    "3.51.3, 3.50.7 and 3.44.6 do not",
                    names_text(with)));
  } else if (!without.empty()) {
    parts.cannot_tell(
        kWalReset, fmt::format("not by what is seen: {} does not have the bug; a SQLite that is linked into "
                               "the program, or another process's on the same database, might",
                               names_text(without)));
  } else {
    parts.cannot_tell(kWalReset,
                      "the version of the process's SQLite: 3.7.0 to 3.51.2 have the bug, but for 3.50.7 and "
                      "3.44.6");
  }
}

}  // namespace walsoak::judgement
