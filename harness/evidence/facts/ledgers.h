// The equations that hold between the three ledgers at every quiet sample of a healthy board. Where they part
// names the mechanism, so the first parting is kept with its numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/evidence/facts/sample.h"

namespace walsoak::facts {

enum class Equation : std::size_t { api_open, kernel_main, kernel_wal, kernel_shm };
inline constexpr std::size_t kEquations = 4;

// As reports print it: "kernel_wal = vfs_wal".
std::string_view equation_text(Equation equation);

struct EquationAudit {
  std::int64_t held = 0;  // boards times quiet samples
  std::int64_t parted = 0;
  std::int64_t skipped = 0;     // a side was unknown
  std::int64_t first_tick = 0;  // of the first parting, where there is one
  std::string first_board;
  std::string first_numbers;  // "kernel_wal 3, vfs_wal 2"
};

class LedgerAudit {
 public:
  void accept(const Sample& sample);

  const EquationAudit& of(Equation equation) const { return audits_[static_cast<std::size_t>(equation)]; }

  // How often some equation parted; unknown where one was never to be checked or was skipped at times.
  Count parted() const;
  // One line an equation that parted or was skipped; empty for a healthy cell with all ledgers.
  std::vector<std::string> remarks() const;

 private:
  std::array<EquationAudit, kEquations> audits_;
};

}  // namespace walsoak::facts
