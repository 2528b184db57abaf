// The WAL-reset bug of SQLite (sqlite.org/wal.html#walresetbug): which versions have it.
#pragma once

namespace walsoak {

// True for SQLite 3.7.0 to 3.51.2, except 3.44.6 and 3.50.7 and later releases of these two branches. With
// the bug a checkpoint beside a writer that resets the -wal can lose acknowledged commits. `number`: as
// sqlite3_libversion_number(), 3051002 for 3.51.2.
constexpr bool has_wal_reset_bug(int number) {
  constexpr int kFirst = 3007000, kFixed = 3051003;
  if (number < kFirst || number >= kFixed) return false;
  const int branch = number / 1000, patch = number % 1000;
  return !(branch == 3044 && patch >= 6) && !(branch == 3050 && patch >= 7);
}

}  // namespace walsoak
