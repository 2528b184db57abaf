// Why a run cannot go on, and with which exit code it ends (walsoak --help prints the table).
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace walsoak {

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

}  // namespace walsoak
