// What cures a mechanism and what does not, one place for each: sentences for people, from what walsoak's own
// runs measured (README, reports/every-fix, reports/notes) and what SQLite's documentation says.
#pragma once

#include <string_view>
#include <vector>

namespace walsoak {

// Names beyond those of mechanisms_of: what looks alike and is something else.
inline constexpr const char* kSidecarsRemoved = "sidecars removed";
inline constexpr const char* kOtherMainDescriptors = "other descriptors on main";
inline constexpr const char* kIndexLockLost = "-shm lock lost";
inline constexpr const char* kOtherWalDescriptors = "other descriptors on the -wal";
inline constexpr const char* kPerDatabase = "connection per database";
inline constexpr const char* kSecondCopy = "second SQLite copy";
inline constexpr const char* kNotSqlite = "not SQLite";

struct Remedy {
  std::string_view name;
  std::string_view what;                   // what happens, in a sentence without its end
  std::string_view risk;                   // what comes of it; empty where nothing does
  std::vector<std::string_view> cures;     // each a sentence without its end
  std::vector<std::string_view> no_cures;  // what was tried and does not
};

// Throws std::out_of_range for a name that has none.
const Remedy& remedy_of(std::string_view name);
// All of them, primary ones first: where several hold, the first of this order is the one to begin with.
const std::vector<Remedy>& remedies();

}  // namespace walsoak
