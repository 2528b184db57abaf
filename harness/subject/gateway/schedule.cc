#include "harness/subject/gateway/schedule.h"

#include <algorithm>

namespace walsoak::subject {

std::optional<FixedSchedule::Slot> FixedSchedule::next(std::int64_t now_us) {
  // Due at t0 + (k+1) * interval > now; before t0 every slot is still to come.
  const std::int64_t passed = now_us < t0_us_ ? 0 : (now_us - t0_us_) / interval_us_;
  const std::int64_t number = std::max(next_, passed);
  if (slots_ && number >= *slots_) {
    missed_at_end_ = *slots_ - std::min(next_, *slots_);
    next_ = *slots_;
    return std::nullopt;
  }
  const Slot slot{number, t0_us_ + (number + 1) * interval_us_, number - next_};
  next_ = number + 1;
  return slot;
}

}  // namespace walsoak::subject
