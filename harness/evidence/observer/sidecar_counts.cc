#include "harness/evidence/observer/sidecar_counts.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace walsoak::observer {
namespace {

using Kind = os::FolderEvent::Kind;

void count(const os::FolderEvent& event, int& created, int& unlinked) {
  const bool appeared = event.kind == Kind::created || event.kind == Kind::moved_to;
  ++(appeared ? created : unlinked);
}

}  // namespace

void SidecarChanges::add(const SidecarChanges& later) {
  wal_created += later.wal_created;
  wal_unlinked += later.wal_unlinked;
  shm_created += later.shm_created;
  shm_unlinked += later.shm_unlinked;
}

nlohmann::ordered_json SidecarChanges::to_json() const {
  return {{"wal_created", wal_created},
          {"wal_unlinked", wal_unlinked},
          {"shm_created", shm_created},
          {"shm_unlinked", shm_unlinked}};
}

SidecarCounts count_sidecars(const std::vector<WatchedBoard>& boards, const os::FolderChanges& changes) {
  SidecarCounts counts;
  for (const WatchedBoard& board : boards) {
    std::optional<SidecarChanges>& result = counts[board.name];
    if (changes.overflowed || changes.lost.contains(board.folder)) continue;
    result.emplace();
    const auto events = changes.events.find(board.folder);
    if (events == changes.events.end()) continue;
    for (const os::FolderEvent& event : events->second) {
      if (event.name == board.main_name + "-wal") count(event, result->wal_created, result->wal_unlinked);
      if (event.name == board.main_name + "-shm") count(event, result->shm_created, result->shm_unlinked);
    }
  }
  return counts;
}

SidecarWatch::SidecarWatch(const std::vector<BoardFiles>& boards) {
  for (const BoardFiles& board : boards) {
    const std::filesystem::path main = std::filesystem::weakly_canonical(board.main_path);
    boards_.push_back({board.name, watch_.add(main.parent_path()), main.filename().string()});
  }
}

SidecarCounts SidecarWatch::take() {
  os::FolderChanges changes = watch_.take();
  lost_.merge(changes.lost);
  changes.lost = lost_;
  return count_sidecars(boards_, changes);
}

}  // namespace walsoak::observer
