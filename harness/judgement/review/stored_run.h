// A stored run judged anew: from its streams alone, without SQLite and without its boards, by what it was
// judged by or by another scenario's expectations and thresholds.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/model/cells/judgements.h"

namespace walsoak::review {

// A threshold asks for what the run has not recorded.
class NotRecorded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Judged {
  nlohmann::ordered_json summary;    // that the run would have now (docs/record.md)
  std::vector<std::string> remarks;  // for people, a line each: what was judged otherwise than the run did
};

// Judges; nothing is written. summary.json may be damaged or missing: a remark says so. Throws NotRecorded,
// naming cell and metric, scenario::ScenarioError where the judgements are of other cells, and
// std::runtime_error or std::system_error where the folder is no run's or a file of it cannot be read.
Judged judge_again(const std::filesystem::path& folder, const scenario::Judgements* judgements);

}  // namespace walsoak::review
