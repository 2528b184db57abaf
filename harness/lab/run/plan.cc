#include "harness/lab/run/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/os/clock.h"

namespace walsoak::lab {
namespace {

std::string name_of(const Plan& plan) {
  return plan.scenarios.size() == 1 ? plan.scenarios.front().name
                                    : fmt::format("{}-scenarios", plan.scenarios.size());
}

}  // namespace

std::filesystem::path folder_for(const Plan& plan) {
  if (plan.out) return *plan.out;
  return std::filesystem::path("walsoak-runs") /
         fmt::format("{}-{}", name_of(plan), os::utc_compact(os::system_clock().unix_s()));
}

std::int64_t jobs_of(const Plan& plan) {
  if (plan.jobs > 0) return plan.jobs;
  std::int64_t jobs = 1;
  for (const scenario::Scenario& scenario : plan.scenarios) jobs = std::max(jobs, scenario.jobs);
  return jobs;
}

std::int64_t repeats_of(const Plan& plan, const scenario::Scenario& scenario) {
  return plan.repeat > 0 ? plan.repeat : scenario.repeat;
}

bool copies_a_template(const Plan& plan) {
  for (const scenario::Scenario& scenario : plan.scenarios) {
    for (const scenario::Cell& cell : scenario.cells) {
      if (cell.settings.at("board_template") != "") return true;
    }
  }
  return false;
}

}  // namespace walsoak::lab
