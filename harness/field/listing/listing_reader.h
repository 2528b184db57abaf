// A pasted text as listings: which lines tell of open files, and where one sample ends and the next begins.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/field/listing/listing_locks.h"
#include "harness/field/rows/entry.h"
#include "harness/field/rows/line_time.h"
#include "harness/field/rows/lsof_fields.h"

namespace walsoak::watch {

struct ListingSample {
  std::vector<Entry> entries;
  std::optional<Moment> moment;
  bool heading = false;    // lsof's line of column names
  bool folder = false;     // "total 0" of ls, or find's line of the folder itself: nothing was filtered out
  bool shortened = false;  // lines were left out: "...", head, the end of watch's screen
};

struct Listings {
  std::vector<ListingSample> samples;            // none is empty
  std::vector<Entry> on_disk;                    // of a folder, where the text has open files as well
  std::optional<std::int64_t> descriptor_limit;  // of /proc/<pid>/limits, pasted beside it
  std::optional<std::size_t> denied;             // the line that says that descriptors could not be read
  std::string container;                         // of a command line: "docker", "podman", "kubectl"
  // Lines that name a container, a host or another place where a listing was made: each may have a pid 1.
  std::set<std::string> places;
  bool pid_lines = false;  // numbers between the listings were taken for process ids
  std::size_t lines = 0;
};

// Where a text has several tables of one process, one for each of its threads, the one to be read: by
// pid (0 where there is none) Entry::task.
using TableTasks = std::map<std::int64_t, std::string>;

class ListingReader {
 public:
  // `pid_lines`: pid_lines_of() of the text. `tables`: of a first reading of it; every row is read without.
  explicit ListingReader(const std::map<std::size_t, std::int64_t>& pid_lines, TableTasks tables = {})
      : pid_lines_(pid_lines), tables_(std::move(tables)) {}

  void accept(std::string_view line);
  Listings finish();
  // The process's own table where it is listed beside those of its threads, else the first one; empty where
  // no process has more than one.
  TableTasks tables() const;

 private:
  void begin_sample();
  bool accept_heading(std::string_view line);
  bool accept_entry(std::string_view line);
  bool accept_process(std::string_view line);
  void accept_remark(std::string_view line);
  void accept_pid_line(std::int64_t pid);
  void accept_folder(std::string_view line);
  void accept_place(std::string_view line);
  void add(Entry entry, std::string_view line);
  bool repeats(const Entry& entry) const;
  bool holds(std::int64_t pid) const;  // in the sample so far
  void put_folders_aside();

  Listings all_;
  ListingSample now_;
  LsofFields fields_;
  PastedLocks locks_;
  // Of the sample so far: descriptors, or names where there are names alone; the last descriptor.
  std::set<std::pair<std::int64_t, std::string>> seen_;
  std::optional<std::pair<std::int64_t, std::string>> last_;
  std::optional<std::int64_t> pid_;  // of a prompt or a heading: /proc/4711/fd, lsof -p 4711
  std::string task_, folder_;        // of a heading: /proc/4711/task/4712/fd, /data
  const std::map<std::size_t, std::int64_t>& pid_lines_;
  const TableTasks tables_;
  std::map<std::int64_t, std::vector<std::string>> tasks_seen_;
  bool pause_ = false, screen_ = false;
  std::size_t width_ = 0;
};

}  // namespace walsoak::watch
