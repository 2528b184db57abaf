// One sample of a stream: what the three ledgers and the board folder held, board by board and summed.
// The names of the keys are those of docs/record.md; the last three are derived here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/shared/tristate.h"

namespace walsoak::facts {

// parked: kernel_main beyond the connections that are open. kernel_main_net: kernel_main without those that
// SQLite may have parked, as far as the VFS ledger's peak allows. descriptors_net: that and all other
// descriptors of the board.
// One line a ledger, whatever the formatter would make of it.
// clang-format off
#define WALSOAK_SAMPLE_KEYS(X)                                                                             \
  X(api_open) X(api_opened) X(api_closed) X(api_opened_in_scope)                                           \
  X(vfs_main) X(vfs_main_peak) X(vfs_main_opens) X(vfs_wal) X(vfs_wal_opens) X(vfs_shm) X(vfs_shm_maps)    \
  X(vfs_journal) X(vfs_wal_unlinks) X(vfs_wal_unlinks_in_scope)                                            \
  X(vfs_syncs) X(vfs_bytes_written) X(vfs_bytes_read)                                                      \
  X(kernel_main) X(kernel_wal) X(kernel_shm) X(kernel_journal)                                             \
  X(kernel_main_deleted) X(kernel_wal_deleted) X(kernel_shm_deleted) X(kernel_main_replaced)               \
  X(guards)                                                                                                \
  X(lock_main_posix) X(lock_main_ofd) X(lock_shm_dms)                                                      \
  X(main_bytes) X(wal_bytes) X(shm_bytes)                                                                  \
  X(parked) X(kernel_main_net) X(descriptors_net)

// What board_state.h reads besides, and no metric is made of: mostly known of a watched process alone.
#define WALSOAK_STATE_KEYS(X)                                                                              \
  X(main_inode) X(wal_inode) X(main_readonly) X(shm_readonly) X(lock_shm_dms_deleted)                      \
  X(lock_writer) X(lock_reader) X(main_links) X(main_mounts) X(main_other_names) X(lock_folder)            \
  X(lock_exclusive) X(journal_bytes) X(written_us)
// clang-format on

#define WALSOAK_PROCESS_KEYS(X) X(descriptors) X(descriptor_limit) X(threads) X(rss_bytes)

#define WALSOAK_ENUMERATOR(name) name,
#define WALSOAK_NAME(name) #name,

enum class Key : std::size_t {
  WALSOAK_SAMPLE_KEYS(WALSOAK_ENUMERATOR) WALSOAK_STATE_KEYS(WALSOAK_ENUMERATOR)
};
enum class ProcessKey : std::size_t { WALSOAK_PROCESS_KEYS(WALSOAK_ENUMERATOR) };

inline constexpr std::string_view kKeyNames[] = {WALSOAK_SAMPLE_KEYS(WALSOAK_NAME)
                                                     WALSOAK_STATE_KEYS(WALSOAK_NAME)};
// The first so many keys have metrics.
inline constexpr std::size_t kMetricKeys = static_cast<std::size_t>(Key::descriptors_net) + 1;
inline constexpr std::string_view kProcessKeyNames[] = {WALSOAK_PROCESS_KEYS(WALSOAK_NAME)};

#undef WALSOAK_ENUMERATOR
#undef WALSOAK_NAME

// The values of one board, or of all boards together.
class Counts {
 public:
  Count operator[](Key key) const { return values_[static_cast<std::size_t>(key)]; }
  Count& operator[](Key key) { return values_[static_cast<std::size_t>(key)]; }

  // Key by key; unknown where either is.
  void add(const Counts& other);
  // The greater, key by key. Unknown where either is, but for bytes of a file: a file that is not there is no
  // gap.
  void raise_to(const Counts& other);

 private:
  std::array<Count, std::size(kKeyNames)> values_{};
};

// The columns of a free-running cell's header: which key stands at which place of a board's array. A column
// that is not known here stays empty.
class Columns {
 public:
  Columns() = default;
  explicit Columns(const nlohmann::ordered_json& names);

  // Throws std::invalid_argument where the array is not as long as the header has columns.
  Counts counts(const nlohmann::ordered_json& values) const;

 private:
  std::vector<std::optional<Key>> keys_;
};

using ProcessCounts = std::array<Count, std::size(kProcessKeyNames)>;

struct Sample {
  std::int64_t tick = -1;
  bool quiet = false;
  std::map<std::string, Counts> boards;
  Counts total;  // of all boards; all unknown where there is no board
  ProcessCounts process{};

  // The same moment of the process, without boards, and with that total.
  Sample with_total(const Counts& counts) const;

  // From a line of type `sample`; a key that is missing is unknown, one that is not known here is left out.
  // Boards are objects, or arrays in the order of `columns`.
  static Sample from_json(const nlohmann::ordered_json& line, const Columns& columns = {});
  // Of a process that nothing but the kernel tells of: what may be parked is not known there, so the net of
  // it is all descriptors, and no boards are no descriptors on boards.
  static Sample from_kernel_json(const nlohmann::ordered_json& line);
};

// The samples of one stream, each read as its header says.
class SampleReader {
 public:
  void accept_header(const nlohmann::ordered_json& header);
  // Throws as the functions of Sample and Columns do.
  Sample read(const nlohmann::ordered_json& line) const;
  // Whether nothing but the kernel tells of the process (setting `mode` watch).
  bool watched() const { return watched_; }

 private:
  bool watched_ = false;
  Columns columns_;
};

}  // namespace walsoak::facts
