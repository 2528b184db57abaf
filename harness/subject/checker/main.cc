// walsoak-checker: seeds the boards of a cell and looks at them from outside, in a process of its own, so
// that no look of walsoak's can close a descriptor or drop a lock of the subject's.
#include <cstdio>

#include "harness/base/escape/standard_output.h"
#include "harness/base/escape/terminal.h"
#include "harness/protocol/leash.h"
#include "harness/subject/checker/checker.h"

int main(int argc, char**) {
  using namespace walsoak;
  return escape::run_main("walsoak-checker", [&] {
    if (argc != 1) {
      escape::print(
          stderr,
          "walsoak-checker: takes no arguments; it is started by walsoak and speaks the protocol of "
          "docs/protocol.md on stdin and stdout\n");
      return 3;
    }
    protocol::Channel channel = protocol::take_standard_streams();
    protocol::watch_leash();
    return checker::converse(channel);
  });
}
