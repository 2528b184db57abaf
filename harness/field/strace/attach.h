// A running process under strace: the same events of lost locks as the preloaded library gives, without one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

namespace walsoak::trace {

struct Attachment {
  pid_t pid = 0;
  std::filesystem::path strace;
  std::optional<double> for_s;  // without it until the process ends, or a signal to stop comes
  bool stacks = false;          // of every call that is looked at: slow
  bool follow = true;           // the processes that it starts count as well
};

// Follows the process to the end, and lets go of it. Calls `write` with each event as it is known. Throws
// std::runtime_error, one line, where the process cannot be attached to.
void follow_attached(const Attachment& attachment,
                     const std::function<void(const nlohmann::ordered_json& event)>& write);

}  // namespace walsoak::trace
