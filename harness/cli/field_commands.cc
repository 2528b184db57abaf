// The one list of the commands that walsoak and walsoak-watch share.
#include "harness/cli/commands.h"

namespace walsoak::cli {

std::vector<Command> field_commands() {
  return {{"watch", add_watch}, {"diagnose", add_diagnose}, {"check", add_check}, {"report", add_report}};
}

}  // namespace walsoak::cli
