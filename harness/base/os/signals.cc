#include "harness/base/os/signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {
namespace {

std::atomic<int> g_signal{0};
std::atomic<int> g_wake_read{-1};
std::atomic<int> g_wake_write{-1};

void note(int signal) {
  int none = 0;
  if (!g_signal.compare_exchange_strong(none, signal)) return;
  const char byte = 1;
  [[maybe_unused]] const ssize_t written = ::write(g_wake_write, &byte, 1);
}

}  // namespace

void note_stop_signals() {
  Pipe pipe = make_pipe();
  g_wake_read = pipe.read_end.release();  // both live as long as the process
  g_wake_write = pipe.write_end.release();
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int stop_signal() {
  return g_signal;
}

int stop_descriptor() {
  return g_wake_read;
}

}  // namespace walsoak::os
