// A fixed schedule: slot k is due at t0 + (k+1) * interval, whenever the slots before it ran. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace walsoak::subject {

class FixedSchedule {
 public:
  struct Slot {
    std::int64_t number;
    std::int64_t due_us;
    std::int64_t missed;  // slots skipped since the one before
  };

  // Microseconds of one clock. Without `slots` it goes on for ever.
  FixedSchedule(std::int64_t t0_us, std::int64_t interval_us, std::optional<std::int64_t> slots)
      : t0_us_(t0_us), interval_us_(interval_us), slots_(slots) {}

  // The next slot once the one before has ended at `now_us`: the first that is due later than that. A slot
  // whose time has come while another ran is missed. Nothing where the slots are used up; missed_at_end()
  // then.
  std::optional<Slot> next(std::int64_t now_us);

  // Slots skipped after the last that ran, known once next() has returned nothing.
  std::int64_t missed_at_end() const { return missed_at_end_; }

 private:
  std::int64_t t0_us_, interval_us_;
  std::optional<std::int64_t> slots_;
  std::int64_t next_ = 0;  // the first slot that has neither run nor been skipped
  std::int64_t missed_at_end_ = 0;
};

}  // namespace walsoak::subject
