// A child that the subject forks in the middle of its life: it inherits the connection that is open then,
// but not the locks behind it.
#pragma once

#include <sys/types.h>

#include <functional>

#include "harness/base/os/descriptor.h"

namespace walsoak::subject {

// One thread at a time. The child ends with the object, or with the process that forked it.
class ForkedChild {
 public:
  // Forks. On order the child calls `act` and ends; it never returns from here, runs no
  // destructors and has no other thread. Throws std::system_error.
  explicit ForkedChild(const std::function<void()>& act);
  ~ForkedChild();
  ForkedChild(const ForkedChild&) = delete;
  ForkedChild& operator=(const ForkedChild&) = delete;

  // Lets the child act, and returns when it has ended. Throws board::AppError with the text of what `act`
  // threw, or where the child died or was silent for half a minute: a lock that another thread had at the
  // fork is never free there.
  void act_and_end();

 private:
  void end();

  os::Descriptor order_, answer_;
  pid_t pid_ = -1;
};

}  // namespace walsoak::subject
