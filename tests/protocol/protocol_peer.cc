// The far end of a conversation. `echo`: answers each message with what it saw, after a stray print on fd 1.
// `leash`: says `ready` on fd 1 and waits to be ended. `leash-and-go`: watches the leash and exits with 7.
// `connect PATH`: sends a hello to a socket and exits.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "harness/protocol/channel.h"
#include "harness/protocol/leash.h"

namespace {

using namespace walsoak;

int echo() {
  protocol::Channel channel = protocol::take_standard_streams();
  while (const auto message = channel.receive()) {
    std::printf("a stray print\n");
    std::fflush(stdout);
    protocol::Message answer = protocol::make("done");
    answer["id"] = (*message)["id"];
    char byte;
    answer["stdin_is_empty"] = ::read(STDIN_FILENO, &byte, 1) == 0;
    answer["stream_closes_on_exec"] = ::fcntl(channel.read_descriptor(), F_GETFD) == FD_CLOEXEC;
    channel.send(answer);
  }
  return 0;
}

int wait_on_leash() {
  protocol::watch_leash();
  const bool closes_on_exec = ::fcntl(protocol::kLeashDescriptor, F_GETFD) == FD_CLOEXEC;
  std::printf(closes_on_exec ? "ready" : "leash would leak");
  std::fflush(stdout);
  for (;;) ::pause();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "echo") return echo();
  if (mode == "leash") return wait_on_leash();
  if (mode == "leash-and-go") {
    protocol::watch_leash();
    return 7;
  }
  if (mode == "connect") {
    protocol::connect_to(argv[2]).send(protocol::make("hello"));
    return 0;
  }
  return 2;
}
