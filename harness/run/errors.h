// Why a run cannot go on, and with which exit code it ends (walsoak --help prints the table).
#pragma once

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/verdict/deaths.h"

namespace walsoak::run {

// The work could not be carried out: exit 4.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What was asked for does not fit this machine or these programs: exit 3, nothing was started.
// An error message is one line, as every name in it is; what there is to choose from is a list below it.
class Refused : public std::runtime_error {
 public:
  explicit Refused(const std::string& line, std::vector<std::string> list = {})
      : std::runtime_error(line), list_(std::move(list)) {}
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

// SIGINT or SIGTERM came: exit 128 + signal.
class Stopped : public std::runtime_error {
 public:
  explicit Stopped(int signal)
      : std::runtime_error(fmt::format("stopped by signal {}", signal)), signal_(signal) {}
  int signal() const { return signal_; }

 private:
  int signal_;
};

// The process at the other end of a conversation has ended.
class PeerEnded : public Failed {
 public:
  explicit PeerEnded(const std::string& what, std::optional<verdict::Death> death = {})
      : Failed(what), death_(std::move(death)) {}
  // How it ended, of a process that this one can reap.
  const std::optional<verdict::Death>& death() const { return death_; }

 private:
  std::optional<verdict::Death> death_;
};

}  // namespace walsoak::run
