#include "harness/lab/free/activity.h"

#include <algorithm>

namespace walsoak::lab {

using protocol::Message;

Message grouped_failures(const Message& boards) {
  Message groups = Message::array();
  for (const Message& entry : boards) {
    if (entry.at("ok") != false || !entry.contains("error")) continue;
    const auto same = std::find_if(groups.begin(), groups.end(), [&entry](const Message& group) {
      return group.at("error") == entry.at("error");
    });
    if (same == groups.end()) {
      groups.push_back({{"error", entry.at("error")}, {"boards", {entry.at("board")}}});
    } else {
      same->at("boards").push_back(entry.at("board"));
    }
  }
  return groups;
}

void Activity::add_errors(Sum& sum, const Message& boards) {
  for (Message& group : grouped_failures(boards)) {
    const auto count = static_cast<std::int64_t>(group.at("boards").size());
    const auto [known, fresh] = sum.errors.try_emplace(group.at("error").dump(), group);
    Message& entry = known->second;
    entry["count"] = count + (fresh ? 0 : entry.at("count").get<std::int64_t>());
    for (const Message& board : group.at("boards")) {
      Message& named = entry.at("boards");
      if (std::find(named.begin(), named.end(), board) == named.end()) named.push_back(board);
    }
  }
}

void Activity::add(const std::string& job, const Message& tick) {
  Sum& sum = jobs_[job];
  ++sum.ran;
  sum.missed += tick.value("missed", std::int64_t{0});
  sum.late_max_us = std::max(sum.late_max_us, tick.value("late_us", std::int64_t{0}));
  if (tick.at("ok") == false) ++sum.failed;
  std::int64_t latency_us = tick.value("latency_us", std::int64_t{0});
  const Message steps = tick.value("steps", Message::array());
  for (const Message& step : steps) {
    latency_us += step.at("latency_us").get<std::int64_t>();
    sum.wait_max_us = std::max(sum.wait_max_us, step.at("wait_us").get<std::int64_t>());
    add_errors(sum, step.value("boards", Message::array()));
  }
  sum.latency_max_us = std::max(sum.latency_max_us, latency_us);
  add_errors(sum, tick.value("boards", Message::array()));
}

Message Activity::take() {
  Message all = Message::object();
  for (auto& [job, sum] : jobs_) {
    Message entry = {{"ran", sum.ran},
                     {"missed", sum.missed},
                     {"failed", sum.failed},
                     {"latency_max_us", sum.latency_max_us},
                     {"wait_max_us", sum.wait_max_us},
                     {"late_max_us", sum.late_max_us},
                     {"errors", Message::array()}};
    for (auto& [text, error] : sum.errors) entry["errors"].push_back(std::move(error));
    all[job] = std::move(entry);
  }
  jobs_.clear();
  return all;
}

}  // namespace walsoak::lab
