#include "harness/protocol/hello.h"

#include <unistd.h>

#include "harness/base/os/process.h"

namespace walsoak::protocol {

Message hello(std::string_view role, std::string_view program, const Message& sqlite) {
  Message message = make("hello");
  message["role"] = role;
  message["program"] = program;
  message["pid"] = ::getpid();
  const auto started = os::start_ticks(::getpid());
  message["start_ticks"] = started ? Message(*started) : Message(nullptr);
  message["sqlite"] = sqlite;
  return message;
}

}  // namespace walsoak::protocol
