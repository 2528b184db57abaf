// What a careless change could do to a sound strategy, for the test that the gate turns red. Compiled into
// strategies/persistent.cc where WALSOAK_SABOTAGE names one of these classes: in the test's own subject
// programs (CMakeLists.txt beside this file), and in no other.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "strategies/strategy.h"

namespace walsoak::sabotage {

// Every tenth dispatch pass over the first board leaves a connection open that nothing refers to any more.
class Leaking {
 public:
  void after_use(Host& host, const board::Board& board, sqlite::Actor actor) {
    if (board.index != 0 || actor != sqlite::Actor::dispatcher || ++passes_ % 10 != 0) return;
    auto lost = host.connect(board, actor);
    lost->value("sabotage", "SELECT count(*) FROM sqlite_master");  // from here on it holds the -wal
    lost.release();
  }

 private:
  int passes_ = 0;
};

// Looks at the file after each use with an ordinary open and close, by which POSIX drops every lock that this
// process has on it (sqlite.org/howtocorrupt.html, 2.2).
class LockLosing {
 public:
  static void after_use(Host&, const board::Board& board, sqlite::Actor) {
    ::close(::open(board.path.c_str(), O_RDONLY | O_CLOEXEC));
  }
};

}  // namespace walsoak::sabotage
