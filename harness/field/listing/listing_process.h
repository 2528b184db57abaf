// The databases of one process over the samples of a pasted text, and what each sample says about them: the
// kernel's keys of a sample, null where the text cannot tell.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/field/listing/listing_reader.h"

namespace walsoak::watch {

struct ListedDatabase {
  std::string path;  // as observer's functions take it
  bool bare;         // the text has its name alone
  bool by_sidecar;   // by its name alone otherwise: no proof
  bool odd = false;  // of a main that is not shown, and whose name is no database's
};

// One process's part of a sample.
struct ProcessListing {
  std::vector<Entry> entries;
  std::size_t sample = 0;  // of Listings
  bool whole = false;      // every descriptor stands in it
  bool shortened = false;  // lines were left out
};

class ListedProcess {
 public:
  // `pid` is nothing for lines without one. Entries of the samples that have some of this process are
  // copied.
  ListedProcess(std::optional<std::int64_t> pid, const Listings& listings);

  std::optional<std::int64_t> pid() const { return pid_; }
  const std::string& command() const { return command_; }
  // In the order in which they appear, by path within a sample.
  const std::vector<ListedDatabase>& databases() const { return databases_; }
  bool has_sidecars() const;
  // Whether lines were cut off at the end.
  bool cut() const { return cut_; }
  std::size_t samples() const { return parts_.size(); }
  const ProcessListing& part(std::size_t sample) const { return parts_[sample]; }
  // Of the first sample that shows it.
  std::size_t first_sample(const ListedDatabase& database) const;
  // Files of a folder, and no process that holds them.
  bool on_disk() const { return on_disk_; }
  bool on_macos() const { return on_macos_; }
  // Null where lines may be missing.
  nlohmann::ordered_json descriptors(std::size_t sample) const;
  // Of a sample: descriptors on no file of a database.
  std::vector<const Entry*> elsewhere(std::size_t sample) const;
  // The kernel's keys of a board.
  nlohmann::ordered_json board(std::size_t sample, const ListedDatabase& database) const;

 private:
  void find_databases();
  void add_sizes(nlohmann::ordered_json& board, const ListedDatabase& database) const;

  std::optional<std::int64_t> pid_;
  std::string command_;
  std::vector<ProcessListing> parts_;
  std::vector<ListedDatabase> databases_;
  // Where lsof showed a lock: on some file systems (overlay, btrfs) it cannot tell whose they are.
  std::set<std::string> folders_with_locks_;
  std::vector<Entry> folder_;  // files on disk beside the descriptors
  bool on_macos_ = false, on_disk_ = false, cut_ = false;
};

// Those of all samples, in the order of the text.
std::vector<std::optional<std::int64_t>> listed_pids(const Listings& listings);

}  // namespace walsoak::watch
