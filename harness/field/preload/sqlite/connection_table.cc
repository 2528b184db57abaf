#include "harness/field/preload/sqlite/connection_table.h"

namespace walsoak::trace {

int ConnectionTable::home_of(const void* connection) {
  // Fibonacci hashing: addresses of one size class are far apart and even.
  const auto address = reinterpret_cast<std::uintptr_t>(connection);
  return static_cast<int>((address * 0x9E3779B97F4A7C15ULL) >> 40U) & (kSlots - 1);
}

// Where it is, or the empty slot where it would be.
int ConnectionTable::slot_of(const void* connection) const {
  int slot = home_of(connection);
  while (slots_[slot].connection != nullptr && slots_[slot].connection != connection) {
    slot = (slot + 1) & (kSlots - 1);
  }
  return slot;
}

std::int64_t ConnectionTable::add(const void* connection, std::uint64_t file) {
  Slot& slot = slots_[slot_of(connection)];
  if (is_inherited(slot.number)) ++open_;
  if (slot.connection == nullptr) {
    ++open_;
    if (used_ == kMost) return 0;
    ++used_;
  }
  slot = {connection, ++last_, file, false};
  return last_;
}

std::int64_t ConnectionTable::find(const void* connection) const {
  return slots_[slot_of(connection)].number;
}

std::int64_t ConnectionTable::remove(const void* connection) {
  int hole = slot_of(connection);
  const std::int64_t number = slots_[hole].number;
  if (number == 0) return 0;
  if (!is_inherited(number)) --open_;
  --used_;
  // What was pushed past the hole moves up (Knuth, vol. 3, 6.4, algorithm R): no tombstones, so that years of
  // opening and closing fill nothing.
  for (int slot = (hole + 1) & (kSlots - 1); slots_[slot].connection != nullptr;
       slot = (slot + 1) & (kSlots - 1)) {
    const int distance = (slot - home_of(slots_[slot].connection)) & (kSlots - 1);
    if (distance >= ((slot - hole) & (kSlots - 1))) {
      slots_[hole] = slots_[slot];
      hole = slot;
    }
  }
  slots_[hole] = {nullptr, 0, 0, false};
  return number;
}

void ConnectionTable::inherit() {
  inherited_ = last_;
  open_ = 0;
}

std::int64_t ConnectionTable::inherited_on(std::uint64_t file) const {
  if (inherited_ == 0 || used_ == 0 || file == 0) return 0;
  for (const Slot& slot : slots_) {
    if (slot.file == file && is_inherited(slot.number)) return slot.number;
  }
  return 0;
}

std::int64_t ConnectionTable::take_inherited(const void* connection) {
  Slot& slot = slots_[slot_of(connection)];
  if (slot.connection == nullptr || slot.taken || !is_inherited(slot.number)) return 0;
  slot.taken = true;
  return slot.number;
}

void ConnectionTable::clear() {
  if (used_ > 0) {
    for (Slot& slot : slots_) slot = {nullptr, 0, 0, false};
  }
  used_ = 0;
  open_ = 0;
  inherited_ = 0;
}

}  // namespace walsoak::trace
