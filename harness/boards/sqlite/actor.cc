#include "harness/boards/sqlite/actor.h"

namespace walsoak::sqlite {
namespace {
thread_local Actor t_actor = Actor::dispatcher;
}

Actor current_actor() {
  return t_actor;
}

ActorScope::ActorScope(Actor actor) : previous_(t_actor) {
  t_actor = actor;
}
ActorScope::~ActorScope() {
  t_actor = previous_;
}

}  // namespace walsoak::sqlite
