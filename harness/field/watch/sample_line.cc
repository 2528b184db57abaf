#include "harness/field/watch/sample_line.h"

#include <fmt/format.h>

#include "harness/judgement/finding/finding.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::watch {

using facts::Key;

std::string sample_line(const Segment& segment) {
  const facts::Sample sample = facts::Sample::from_kernel_json(segment.last_sample());
  const auto shown = [](Count count) { return count ? std::to_string(*count) : std::string("?"); };
  std::string line =
      fmt::format("{} sample {}: {} descriptors", segment.cell(), sample.tick,
                  shown(sample.process[static_cast<std::size_t>(facts::ProcessKey::descriptors)]));
  for (const auto& [name, board] : sample.boards) {
    line += fmt::format("; {} main {} wal {} shm {} journal {} deleted {}", name,
                        shown(board[Key::kernel_main]), shown(board[Key::kernel_wal]),
                        shown(board[Key::kernel_shm]), shown(board[Key::kernel_journal]),
                        shown(sum(board[Key::kernel_wal_deleted], board[Key::kernel_shm_deleted])));
  }
  return line;
}

escape::Progress::Standing standing_of(const Segment& segment) {
  const facts::Counts& last = segment.facts().series().last().total;
  const std::string finding = judgement::find_so_far(segment.facts()).name;
  return {std::nullopt,
          last[Key::kernel_main],
          last[Key::kernel_wal],
          last[Key::kernel_shm],
          sum(last[Key::kernel_wal_deleted], last[Key::kernel_shm_deleted]),
          finding,
          is_harmful(finding)};
}

}  // namespace walsoak::watch
