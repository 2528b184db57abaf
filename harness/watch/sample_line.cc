#include "harness/watch/sample_line.h"

#include <fmt/format.h>

#include "harness/verdict/finding.h"

namespace walsoak::watch {

using verdict::Key;

std::string sample_line(const Segment& segment) {
  const verdict::Sample sample = verdict::Sample::from_kernel_json(segment.last_sample());
  const auto shown = [](verdict::Count count) { return count ? std::to_string(*count) : std::string("?"); };
  std::string line =
      fmt::format("{} sample {}: {} descriptors", segment.cell(), sample.tick,
                  shown(sample.process[static_cast<std::size_t>(verdict::ProcessKey::descriptors)]));
  for (const auto& [name, board] : sample.boards) {
    line += fmt::format("; {} main {} wal {} shm {} journal {} deleted {}", name,
                        shown(board[Key::kernel_main]), shown(board[Key::kernel_wal]),
                        shown(board[Key::kernel_shm]), shown(board[Key::kernel_journal]),
                        shown(verdict::sum(board[Key::kernel_wal_deleted], board[Key::kernel_shm_deleted])));
  }
  return line;
}

run::Progress::Standing standing_of(const Segment& segment) {
  const verdict::Counts& last = segment.facts().series().last().total;
  return {std::nullopt,
          last[Key::kernel_main],
          last[Key::kernel_wal],
          last[Key::kernel_shm],
          verdict::sum(last[Key::kernel_wal_deleted], last[Key::kernel_shm_deleted]),
          verdict::find_so_far(segment.facts()).name};
}

}  // namespace walsoak::watch
