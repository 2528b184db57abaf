// What ran beside the dispatcher's ticks since the last sample, summed by job: hours of polls in one line a
// sample.
#pragma once

#include <map>
#include <string>

#include "harness/protocol/message.h"

namespace walsoak::lab {

// Boards that failed in the same way, from the `boards` of a step: [{"error":{..},"boards":["b01"]}].
protocol::Message grouped_failures(const protocol::Message& boards);

// One thread at a time.
class Activity {
 public:
  // A tick message of the job: all of its steps count together. A worker's visit is told like a step.
  void add(const std::string& job, const protocol::Message& tick);

  // {"notifier":{"ran":..,...}} since the last call; empty jobs have no entry.
  protocol::Message take();

 private:
  struct Sum {
    std::int64_t ran = 0, missed = 0, failed = 0;
    std::int64_t latency_max_us = 0, wait_max_us = 0, late_max_us = 0;
    // By error and where, as text: one entry however often it came.
    std::map<std::string, protocol::Message> errors;
  };
  static void add_errors(Sum& sum, const protocol::Message& boards);

  std::map<std::string, Sum> jobs_;
};

}  // namespace walsoak::lab
