#include "harness/cli/pid_option.h"

#include <fmt/format.h>

#include "harness/base/os/number.h"

namespace walsoak::cli {

void add_pid_option(CLI::App& command, pid_t& pid, const std::string& description) {
  command
      .add_option_function<std::string>(
          "--pid",
          [&pid](const std::string& text) {
            const auto number = os::number_of<pid_t>(text);
            if (!number || *number < 1 || *number > kLargestPid) {
              throw CLI::ValidationError(fmt::format(
                  "--pid {}: not a process id (expected a whole number from 1 to {})", text, kLargestPid));
            }
            pid = *number;
          },
          description)
      ->type_name("N");
}

}  // namespace walsoak::cli
