// The far end of a conversation with the observer, for tests: says what it is told to say.
#pragma once

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>

#include "harness/base/shared/errors.h"
#include "harness/lab/launch/peer.h"
#include "harness/protocol/channel.h"

namespace walsoak::lab {

// Long enough for any machine: no test waits so long unless it fails.
inline constexpr int kPatienceMs = 30000;

struct SocketPair {
  SocketPair() {
    ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("socketpair");
    ours = os::Descriptor(ends[0]);
    theirs = os::Descriptor(ends[1]);
  }
  void say(const std::string& text) const { os::write_all(theirs.get(), text.data(), text.size()); }

  os::Descriptor ours, theirs;
};

inline protocol::Message message(const std::string& type, int id) {
  protocol::Message made = protocol::make(type);
  made["id"] = id;
  return made;
}

// What `act` says when it throws an Exception.
template <typename Exception>
std::string thrown(const std::function<void()>& act) {
  try {
    act();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace walsoak::lab
