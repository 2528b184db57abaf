// The last sample of a watched process for people: in a line, and as the progress shows it.
#pragma once

#include <string>

#include "harness/base/escape/progress.h"
#include "harness/field/watch/segment.h"

namespace walsoak::watch {

// "w01 sample 3: 14 descriptors; db1 main 2 wal 2 shm 1 journal 0 deleted 0"; unknown counts are "?".
std::string sample_line(const Segment& segment);

escape::Progress::Standing standing_of(const Segment& segment);

}  // namespace walsoak::watch
