// A file that no folder has: what a program is handed as its stdin, or leaves on its stderr, whatever its
// size.
#pragma once

#include <string_view>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {

// Holds `content` and is read from its beginning; close-on-exec. Throws std::system_error.
Descriptor unnamed_file(std::string_view content = {});

}  // namespace walsoak::os
