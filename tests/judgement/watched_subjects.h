// Streams of watched processes for tests of diagnoses: each builder gives a healthy process, and a test
// changes what it is about.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/evidence/facts/process_history.h"

namespace walsoak::testing {

using Json = nlohmann::ordered_json;
using Numbers = std::vector<std::int64_t>;

// A database in WAL mode with so many connections that have read: the lock is held, nothing is deleted;
// `values` laid over.
Json database(std::int64_t connections, const Json& values = Json::object());
// The same of a rollback journal: no -wal, no lock between transactions.
Json rollback_database(std::int64_t connections, const Json& values = Json::object());

struct Watched {
  std::vector<std::map<std::string, Json>> samples;  // db1 -> its keys
  Numbers elsewhere;                                 // descriptors on no database; 12 where it has no number
  Numbers database_like;                             // on files that are named like one; 0 where it has none
  Numbers threads;                                   // 4 where it has none
  std::int64_t limit = 1024;
  double every_s = 60;
  std::string command = "python3";
  bool quiet = true, listing = false;
};

// db1 alone, with so many connections at each sample.
Watched connections(const Numbers& counts, const Json& values = Json::object());
// db1 alone, as each sample shows it.
Watched series(const std::vector<Json>& samples);
// The same sample so many times.
Watched throughout(int samples, const Json& board);

facts::ProcessHistory evidence_of(const Watched& watched);

// 0, 1, 2 ... n - 1, times `step`, from `first` on.
Numbers rising(int n, std::int64_t step = 1, std::int64_t first = 1);
// A pool that breathes: AR(1) around `mean` with deviation `deviation`, in whole numbers, never below 0.
Numbers pool(unsigned seed, int n, double mean, double deviation, double coefficient);

}  // namespace walsoak::testing
