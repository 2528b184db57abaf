// What the processes of a free-running cell are told to do, and how often. Pure.
#pragma once

#include <string_view>

#include "harness/model/vocabulary/settings.h"
#include "harness/protocol/message.h"

namespace walsoak::lab {

// Real microseconds of so many seconds of the boards' time; one at least.
std::int64_t real_us(double boards_s, const Settings& settings);

// The `jobs` of a run message (docs/protocol.md): the gateway's, and of a process besides it by its role
// (role_of()): a dashboard's, an outside writer's, a second dispatcher's.
protocol::Message gateway_jobs(const Settings& settings);
protocol::Message jobs_of_role(std::string_view role, const Settings& settings);

}  // namespace walsoak::lab
