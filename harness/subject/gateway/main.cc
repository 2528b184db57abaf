// walsoak-subject: the process under test. Speaks protocol v1 on stdin and stdout; --describe lists its
// strategies.
#include <cstdio>
#include <cstring>

#include "harness/base/escape/standard_output.h"
#include "harness/base/escape/terminal.h"
#include "harness/protocol/channel.h"
#include "harness/protocol/leash.h"
#include "harness/subject/gateway/conversation.h"

int main(int argc, char** argv) {
  using namespace walsoak;
  return escape::run_main("walsoak-subject", [&] {
    if (argc == 2 && std::strcmp(argv[1], "--describe") == 0) {
      escape::put(stdout, subject::describe().dump(1) + "\n");
      return 0;
    }
    if (argc != 1) {
      escape::print(stderr,
                    "walsoak-subject: takes no arguments but --describe; it is started by walsoak and speaks "
                    "the protocol of docs/protocol.md on stdin and stdout\n");
      return 3;
    }
    protocol::Channel channel = protocol::take_standard_streams();
    protocol::watch_leash();
    return subject::converse(channel);
  });
}
