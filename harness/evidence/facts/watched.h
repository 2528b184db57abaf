// What is told of a process that walsoak did not start beyond the common series: each database's counts from
// the first sample that saw it to the last, and how often its -wal came and went.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/sample.h"

namespace walsoak::facts {

struct WatchedDatabase {
  Counts first, last, peak;
  Count wal_inode;  // of the file at the path, at the last sample that tells; unknown where there was none
  // How often a -wal was gone, or another one, at the next sample, while the process held none that is
  // deleted: whoever closed last did away with it. At least so many: what comes and goes between two samples
  // is not seen.
  std::int64_t turnover = 0;
};

class WatchedFacts {
 public:
  void accept_header(const nlohmann::ordered_json& line);
  void accept_sample(const nlohmann::ordered_json& line, const Sample& sample);
  void accept_end(const std::string& reason) { end_reason_ = reason; }

  // The header's: command, arguments, pid.
  const nlohmann::ordered_json& subject() const { return subject_; }
  std::int64_t samples() const { return samples_; }
  const std::map<std::string, WatchedDatabase>& databases() const { return databases_; }
  // Over all databases.
  std::int64_t wal_turnover() const;
  // One last close is what every program does at its end.
  bool churns() const { return wal_turnover() > 1; }

  // The summary's `watched`: what was watched, how long, how often, and the counts of each database.
  nlohmann::ordered_json to_json() const;

 private:
  nlohmann::ordered_json subject_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json every_s_;
  bool peek_ = false;
  // A listing shows what a process holds: a -wal that it does not hold may well be there.
  bool shows_folder_ = true;
  std::int64_t samples_ = 0, last_t_us_ = 0;
  std::map<std::string, WatchedDatabase> databases_;
  Count descriptors_first_, descriptors_last_, descriptors_peak_, descriptor_limit_;
  std::string end_reason_;
};

}  // namespace walsoak::facts
