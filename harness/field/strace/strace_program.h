// strace, attached to a process: its text comes through a pipe, and it can be made to stand still.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/os/descriptor.h"

namespace walsoak::trace {

// Belongs to one thread. Whatever becomes of it, the process goes on: the kernel lets go of it where strace
// ends.
class Strace {
 public:
  // Returns once all threads are attached. `stacks`: -k. Throws std::runtime_error, one line that says what
  // to do, where strace may not or cannot attach, and run through os::stop_signal() where that came first.
  Strace(const std::filesystem::path& program, pid_t pid, bool stacks);
  ~Strace();
  Strace(const Strace&) = delete;
  Strace& operator=(const Strace&) = delete;

  // Readable where there is text, or strace has ended.
  int output() const { return output_.get(); }
  int messages() const { return messages_.get(); }
  // What is there now; sets ended() at the end of the text.
  std::string read();
  bool ended() const { return text_ended_; }
  // Takes away what strace says for itself, so that it is never held up.
  void read_messages();
  const std::string& last_message() const { return last_message_; }

  // While it stands still, a thread of the process stops at its next system call, before that does anything.
  void pause();
  void resume();
  // Lets go of the process. More text may come, until ended().
  void detach();

 private:
  void await_attached(pid_t target);
  void reap();

  os::Descriptor output_, messages_;
  pid_t pid_ = 0;
  bool text_ended_ = false, reaped_ = false, paused_ = false;
  std::string all_messages_, last_message_;
};

}  // namespace walsoak::trace
