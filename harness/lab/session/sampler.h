// One sample: what the subject counts of itself beside what the kernel says of it.
#pragma once

#include <sys/types.h>

#include "harness/evidence/observer/kernel_ledger.h"
#include "harness/model/vocabulary/settings.h"
#include "harness/protocol/message.h"

namespace walsoak::lab {

class Sampler {
 public:
  Sampler(pid_t subject, std::vector<observer::BoardFiles> boards, Scope scope);

  // The `boards` and `process` members of a sample, from a `ledger` answer (or a bye) and a look at the
  // kernel's tables now. Nothing may be in flight.
  protocol::Message sample(const protocol::Message& ledgers);

 private:
  bool in_scope(const std::string& actor) const;
  std::int64_t total(const protocol::Message& by_actor, bool scope_only) const;
  void add_api(protocol::Message& board, const protocol::Message& api) const;
  void add_vfs(protocol::Message& board, const protocol::Message& vfs) const;

  pid_t subject_;
  observer::KernelLedger kernel_;
  Scope scope_;
};

}  // namespace walsoak::lab
