// A pasted text as listings: which lines tell of open files, and where one sample ends and the next begins.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/field/listing/listing_entry.h"
#include "harness/field/listing/listing_time.h"
#include "harness/field/listing/lsof_fields.h"

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
  std::optional<std::int64_t> descriptor_limit;  // of /proc/<pid>/limits, pasted beside it
  std::optional<std::size_t> denied;             // the line that says that descriptors could not be read
  std::size_t lines = 0;
};

class ListingReader {
 public:
  void accept(std::string_view line);
  Listings finish();

 private:
  void begin_sample();
  bool accept_heading(std::string_view line);
  bool accept_entry(std::string_view line);
  bool accept_process(std::string_view line);
  void accept_remark(std::string_view line);
  void add(Entry entry, std::string_view line);
  bool repeats(const Entry& entry) const;

  Listings all_;
  ListingSample now_;
  LsofFields fields_;
  // Of the sample so far: descriptors, or names where there are names alone; the last descriptor.
  std::set<std::pair<std::int64_t, std::string>> seen_;
  std::optional<std::pair<std::int64_t, std::string>> last_;
  std::optional<std::int64_t> pid_;  // of a prompt or a heading: /proc/4711/fd, lsof -p 4711
  bool tasks_ = false, pause_ = false, screen_ = false;
  std::size_t width_ = 0;
};

}  // namespace walsoak::watch
