#include "harness/evidence/facts/ledgers.h"

#include <fmt/format.h>

namespace walsoak::facts {
namespace {

// Whether the equation holds on a board; unknown where a side is not known.
Presence check(Equation equation, const Counts& board) {
  const auto judge = [](bool holds) { return holds ? Presence::yes : Presence::no; };
  const Count vfs_main = board[Key::vfs_main];
  switch (equation) {
    case Equation::api_open: {
      const Count api = board[Key::api_open];
      return api && vfs_main ? judge(*api == *vfs_main) : Presence::unknown;
    }
    case Equation::kernel_main: {
      const Count kernel = board[Key::kernel_main];
      const Count peak = board[Key::vfs_main_peak];
      if (!kernel || !vfs_main || !peak) return Presence::unknown;
      const std::int64_t parked = *kernel - *vfs_main - board[Key::guards].value_or(0);
      return judge(parked >= 0 && parked <= *peak - *vfs_main && (parked == 0 || *vfs_main > 0));
    }
    case Equation::kernel_wal: {
      const Count kernel = board[Key::kernel_wal];
      const Count vfs = board[Key::vfs_wal];
      return kernel && vfs ? judge(*kernel == *vfs) : Presence::unknown;
    }
    case Equation::kernel_shm: {
      const Count kernel = board[Key::kernel_shm];
      const Count vfs = board[Key::vfs_shm];
      return kernel && vfs ? judge(*kernel == (*vfs > 0 ? 1 : 0)) : Presence::unknown;
    }
  }
  return Presence::unknown;
}

std::string numbers(Equation equation, const Counts& board) {
  const auto pair = [&board](std::string_view left, Key l, std::string_view right, Key r) {
    return fmt::format("{} {}, {} {}", left, text(board[l]), right, text(board[r]));
  };
  switch (equation) {
    case Equation::api_open:
      return pair("api_open", Key::api_open, "vfs_main", Key::vfs_main);
    case Equation::kernel_main:
      return pair("kernel_main", Key::kernel_main, "vfs_main", Key::vfs_main) +
             fmt::format(" (peak {})", text(board[Key::vfs_main_peak]));
    case Equation::kernel_wal:
      return pair("kernel_wal", Key::kernel_wal, "vfs_wal", Key::vfs_wal);
    case Equation::kernel_shm:
      return pair("kernel_shm", Key::kernel_shm, "vfs_shm", Key::vfs_shm);
  }
  return {};
}

}  // namespace

std::string_view equation_text(Equation equation) {
  switch (equation) {
    case Equation::api_open:
      return "api_open = vfs_main";
    case Equation::kernel_main:
      return "kernel_main = vfs_main + parked";
    case Equation::kernel_wal:
      return "kernel_wal = vfs_wal";
    case Equation::kernel_shm:
      return "kernel_shm = 1 where mapped";
  }
  return {};
}

void LedgerAudit::accept(const Sample& sample) {
  if (!sample.quiet) return;
  for (std::size_t i = 0; i < kEquations; ++i) {
    const auto equation = static_cast<Equation>(i);
    EquationAudit& audit = audits_[i];
    for (const auto& [name, board] : sample.boards) {
      switch (check(equation, board)) {
        case Presence::yes:
          ++audit.held;
          break;
        case Presence::unknown:
          ++audit.skipped;
          break;
        case Presence::no:
          if (audit.parted++ == 0) {
            audit.first_tick = sample.tick;
            audit.first_board = name;
            audit.first_numbers = numbers(equation, board);
          }
          break;
      }
    }
  }
}

Count LedgerAudit::parted() const {
  std::int64_t parted = 0;
  for (const EquationAudit& audit : audits_) {
    if (audit.skipped > 0 || audit.held + audit.parted == 0) return std::nullopt;
    parted += audit.parted;
  }
  return parted;
}

std::vector<std::string> LedgerAudit::remarks() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < kEquations; ++i) {
    const EquationAudit& audit = audits_[i];
    const std::string_view name = equation_text(static_cast<Equation>(i));
    if (audit.parted > 0) {
      lines.push_back(fmt::format("{}: parted {} times of {}, first at tick {} on {}: {}", name, audit.parted,
                                  audit.parted + audit.held, audit.first_tick, audit.first_board,
                                  audit.first_numbers));
    }
    if (audit.skipped > 0) {
      lines.push_back(
          fmt::format("{}: not checked {} times, the subject gives no such ledger", name, audit.skipped));
    }
  }
  return lines;
}

}  // namespace walsoak::facts
