// Who uses a connection. The ledgers are kept by actor, so that a last close has an author.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace walsoak::sqlite {

enum class Actor {
  dispatcher,
  probe,
  triage,
  notifier,
  slash,
  dashboard,
  outside,
  held,
  inside,
  worker,
  checker
};

inline constexpr std::array<std::string_view, 11> kActorNames = {
    "dispatcher", "probe", "triage", "notifier", "slash",  "dashboard",
    "outside",    "held",  "inside", "worker",   "checker"};
inline constexpr std::size_t kActors = kActorNames.size();

constexpr std::string_view name_of(Actor actor) {
  return kActorNames[static_cast<std::size_t>(actor)];
}

// The actor on whose behalf this thread calls SQLite now; the VFS ledger reads it.
Actor current_actor();

// Sets the current actor of this thread for a block.
class ActorScope {
 public:
  explicit ActorScope(Actor actor);
  ~ActorScope();
  ActorScope(const ActorScope&) = delete;
  ActorScope& operator=(const ActorScope&) = delete;

 private:
  Actor previous_;
};

}  // namespace walsoak::sqlite
