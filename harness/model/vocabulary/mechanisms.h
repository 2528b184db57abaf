// Mechanisms: the named causes, with their meaning, their risk, their cures and the changes that were tried
// and cure nothing. The only place that knows them: verdicts, diagnoses, reports, schemas and pictures read
// this table (walsoak list mechanisms --json). Sentences come from walsoak's own runs (README,
// reports/every-fix, reports/notes) and from SQLite's documentation.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace walsoak {

inline constexpr const char* kUnclosedConnection = "unclosed connection";
inline constexpr const char* kDeferredCollection = "deferred collection";
inline constexpr const char* kZombieConnection = "zombie connection";
inline constexpr const char* kParkedDescriptors = "parked descriptors";
inline constexpr const char* kConnectionPerThread = "connection per thread";
inline constexpr const char* kLockLost = "lock lost";
inline constexpr const char* kSplitGeneration = "split generation";
inline constexpr const char* kStaleCheckpoint = "stale checkpoint";
inline constexpr const char* kCheckpointStarvation = "checkpoint starvation";
inline constexpr const char* kDescriptorExhaustion = "descriptor exhaustion";
inline constexpr const char* kReplacedBoard = "replaced board";
inline constexpr const char* kSidecarChurn = "sidecar churn";

// Conditions that a diagnosis tells apart from the mechanisms that they resemble.
inline constexpr const char* kSidecarsRemoved = "sidecars removed";
inline constexpr const char* kOtherMainDescriptors = "other descriptors on main";
inline constexpr const char* kIndexLockLost = "-shm lock lost";
inline constexpr const char* kOtherWalDescriptors = "other descriptors on the -wal";
inline constexpr const char* kPerDatabase = "connection per database";
inline constexpr const char* kSecondCopy = "second SQLite copy";
inline constexpr const char* kNotSqlite = "not SQLite";
inline constexpr const char* kSecondName = "second name";
inline constexpr const char* kOverwrittenMain = "overwritten main file";
inline constexpr const char* kHeldTransaction = "held transaction";

// Of which the process's version of SQLite shows that it is possible, and nothing that it happened.
inline constexpr const char* kWalReset = "WAL reset";

struct MechanismInfo {
  std::string_view name;
  char letter;                          // its mark in pictures; '\0': a look-alike, named by diagnoses alone
  std::string_view meaning;             // a sentence without its full stop
  std::string_view risk;                // the same; empty where there is none
  std::vector<std::string_view> cures;  // each a sentence without its full stop
  std::vector<std::string_view> no_cures;  // each tried, and of no effect
};

// Mechanisms and look-alikes, primary ones first: where several hold, begin with the first in this order.
std::span<const MechanismInfo> mechanisms_table();

// The row of a name. Throws std::out_of_range for a name without one.
const MechanismInfo& mechanism_info(std::string_view name);

// The names of the mechanisms, without look-alikes, in the order in which a summary lists them.
std::span<const std::string_view> mechanism_names();

}  // namespace walsoak
