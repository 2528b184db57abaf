// Databases of which the same is to be said, and the candidates for what is seen on them: from the kernel's
// counts alone. For the diagnosis's own files.
#pragma once

#include <string>
#include <vector>

#include "harness/judgement/diagnosis/diagnosis_parts.h"

namespace walsoak::judgement {

// The process's threads over the samples.
struct Threads {
  Count first, last, most;

  explicit Threads(const facts::SampleSeries& series);
  std::string words() const;
};

struct Group {
  std::vector<std::string> names, numbers;
  bool established = false, late = false;
  std::int64_t connections = 0;  // most on one database
  std::int64_t rise = 0;

  void add(const std::string& name, const std::string& numbers_of_it);
  bool empty() const { return names.empty(); }
  // "db1 (main 1 -> 9, ...)", "db1 and db2 (db1: main 1 -> 9, ...; db2: ...)".
  std::string words() const;
  // "pile up", or how far that is established.
  const char* how() const;
};

// Connections that pile up. `listed_alone`: their number alone says so, no course of it.
std::vector<Candidate> pile_candidates(const facts::ProcessHistory& evidence, const Threads& threads,
                                       const Group& group, bool listed_alone);
// Main descriptors beyond the -wal ones. `closed`: -wal ones fell meanwhile.
std::vector<Candidate> beside_candidates(const std::string& numbers, bool closed);

// "main 1 -> 9, -wal 1 -> 9, -shm 1".
std::string classes_of(const facts::SampleSeries& series);
// The least of the last third less the least of the first: what it holds for good.
std::int64_t rise_of(const facts::SampleSeries& series, facts::Key key);

}  // namespace walsoak::judgement
