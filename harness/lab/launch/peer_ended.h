// The end of a process that another one was in conversation with, as an exception.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "harness/base/shared/errors.h"
#include "harness/evidence/facts/deaths.h"

namespace walsoak::lab {

// The process at the other end of a conversation has ended.
class PeerEnded : public Failed {
 public:
  explicit PeerEnded(const std::string& what, std::optional<facts::Death> death = {})
      : Failed(what), death_(std::move(death)) {}
  // How it ended, of a process that this one can reap.
  const std::optional<facts::Death>& death() const { return death_; }

 private:
  std::optional<facts::Death> death_;
};

}  // namespace walsoak::lab
