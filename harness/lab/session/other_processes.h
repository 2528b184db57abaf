// The processes besides the gateway that open the same boards: dashboards, outside writers, a second
// dispatcher, and a reader that stays.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/lab/launch/child.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::lab {

inline constexpr std::string_view kSecondDispatcher = "dispatcher-2";
inline constexpr std::string_view kReader = "reader";  // of a fault long-reader; does nothing by itself
inline std::string dashboard_name(std::int64_t number) {
  return fmt::format("dashboard-{}", number);
}
inline std::string outside_writer_name(std::int64_t number) {
  return fmt::format("outside-{}", number);
}

// Their names, as the settings ask for them.
inline std::vector<std::string> other_process_names(const Settings& settings) {
  std::vector<std::string> names;
  for (std::int64_t i = 1; i <= settings.dashboards; ++i) names.push_back(dashboard_name(i));
  for (std::int64_t i = 1; i <= settings.outside_writers; ++i) names.push_back(outside_writer_name(i));
  if (settings.second_dispatcher == Switch::on) names.emplace_back(kSecondDispatcher);
  for (const auto& fault : settings.faults) {
    if (fault.at("fault") != "long-reader" || fault.value("where", "process") != "process") continue;
    names.emplace_back(kReader);
    break;
  }
  return names;
}

// "dashboard" of "dashboard-2", "dispatcher" of "dispatcher-2".
inline std::string role_of(const std::string& name) {
  return name.substr(0, name.find('-'));
}

struct OtherProcess {
  std::string name;
  std::unique_ptr<Child> child;
};

}  // namespace walsoak::lab
