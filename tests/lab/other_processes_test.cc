// Which processes a cell has besides the gateway.
#include "harness/lab/session/other_processes.h"

#include <gmock/gmock.h>

namespace walsoak::lab {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const json& changes) {
  json values = default_settings();
  values.update(changes);
  return other_process_names(Settings::from_json(values));
}

json reader(const char* where) {
  return {{"fault", "long-reader"}, {"at_tick", 3}, {"where", where}};
}

TEST(OtherProcesses, OneReadsForAllFaultsThatReadInAProcessOfTheirOwn) {
  EXPECT_THAT(names({{"faults", json::array()}}), IsEmpty());
  EXPECT_THAT(names({{"faults", {reader("subject")}}}), IsEmpty());
  EXPECT_THAT(names({{"faults", {reader("subject"), reader("process"), reader("process")}}}),
              ElementsAre("reader"));
  EXPECT_THAT(names({{"faults", {{{"fault", "long-reader"}, {"at_tick", 3}}}}}), ElementsAre("reader"));
  EXPECT_THAT(names({{"outside_writers", 2}}), ElementsAre("outside-1", "outside-2"));
  EXPECT_THAT(names({{"dashboards", 2}, {"second_dispatcher", "on"}, {"faults", {reader("process")}}}),
              ElementsAre("dashboard-1", "dashboard-2", "dispatcher-2", "reader"));
}

}  // namespace
}  // namespace walsoak::lab
