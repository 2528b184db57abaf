// The history of a process for a diagnosis: a cell's facts, and what else the stream says of the process:
// paths, libraries, all of its descriptors. Folded line by line as CellFacts; its memory grows with the
// databases, not with the samples.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/evidence/facts/facts.h"

namespace walsoak::facts {

class ProcessHistory {
 public:
  // As CellFacts::accept.
  void accept(const nlohmann::ordered_json& line);

  // As CellFacts::note_cut.
  void note_cut(std::uint64_t line, std::uint64_t byte) { cell_.note_cut(line, byte); }

  const CellFacts& cell() const { return cell_; }
  // Of a watched process; empty otherwise.
  const std::map<std::string, DatabaseHistory>& databases() const { return cell_.histories().databases(); }
  // The process's descriptors that are on no database, in place of descriptors_net; of these those on files
  // that are named like databases stand apart.
  const SampleSeries& elsewhere() const { return cell_.histories().elsewhere(); }
  const SampleSeries& database_like() const { return cell_.histories().database_like(); }
  // All descriptors of the process in that place; of any cell.
  const SampleSeries& everything() const { return everything_; }
  // Whether samples were due by the clock, so that their times are a pace.
  bool is_clocked() const { return clocked_; }
  // Whether files that are named like databases were told by their first bytes.
  bool is_peeked() const { return peeked_; }
  // From the first sample to the last; 0 where samples carry no time.
  std::int64_t span_us() const { return last_us_ - first_us_; }
  std::int64_t samples() const { return samples_; }
  // "db1" -> the path that the stream names.
  const std::map<std::string, std::string>& paths() const { return paths_; }
  // The SQLite libraries of a watched process, file and version, as they were when a database was last found
  // or a deleted sidecar first seen; nothing where they were not looked for. Two of one name are two.
  using Libraries = std::vector<std::pair<std::string, std::string>>;
  const std::optional<Libraries>& libraries() const { return libraries_; }
  // The header's `subject`; an empty object where there is none.
  const nlohmann::ordered_json& subject() const { return subject_; }

 private:
  void accept_header(const nlohmann::ordered_json& line);
  void accept_any(const nlohmann::ordered_json& line, const Sample& sample);

  CellFacts cell_;
  SampleSeries everything_;
  bool clocked_ = false, peeked_ = false;
  std::map<std::string, std::string> paths_;
  std::optional<Libraries> libraries_;
  nlohmann::ordered_json subject_ = nlohmann::ordered_json::object();
  std::int64_t samples_ = 0, first_us_ = 0, last_us_ = 0;
};

}  // namespace walsoak::facts
