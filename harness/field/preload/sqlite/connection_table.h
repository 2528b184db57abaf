// Which connections are open: the number of each, by its address. Fixed memory; the caller sees to it that
// one thread uses it at a time.
#pragma once

#include <cstdint>

namespace walsoak::trace {

class ConnectionTable {
 public:
  static constexpr int kMost = 1 << 16;

  // Gives it the next number, from 1 on; 0 where there is no room (it counts as open all the same). `file` is
  // any number that identifies its database; 0: unknown.
  std::int64_t add(const void* connection, std::uint64_t file = 0);
  // Its number; 0: not known.
  std::int64_t find(const void* connection) const;
  std::int64_t remove(const void* connection);
  // How many are open.
  std::int64_t open() const { return open_; }
  // Called in the child after fork(): the connections that it has from its parent stay known as inherited and
  // are no longer counted as open.
  void inherit();
  bool is_inherited(std::int64_t number) const { return number > 0 && number <= inherited_; }
  bool has_inherited() const { return inherited_ > 0; }
  // The number of an inherited connection to this database; 0: there is none.
  std::int64_t inherited_on(std::uint64_t file) const;
  // Its number where it is inherited and this was not asked of it before; else 0.
  std::int64_t take_inherited(const void* connection);
  void clear();

 private:
  // Open addressing with linear probing. Twice as many slots as connections; memory of zeros is empty.
  static constexpr int kSlots = 2 * kMost;
  struct Slot {
    const void* connection;
    std::int64_t number;
    std::uint64_t file;
    bool taken;  // by take_inherited()
  };
  static int home_of(const void* connection);
  int slot_of(const void* connection) const;

  Slot slots_[kSlots];
  int used_;
  std::int64_t last_;
  std::int64_t open_;
  std::int64_t inherited_;  // the last number that the parent gave
};

}  // namespace walsoak::trace
