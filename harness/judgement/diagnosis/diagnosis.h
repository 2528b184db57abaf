// What the evidence of one cell is consistent with, what it rules out and what it leaves open: named causes
// in order of fit, each with its numbers. A pure function; nothing but recorded data is asked.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/evidence/facts/process_history.h"

namespace walsoak::judgement {

// named: at least one cause that harms, the others being excluded. open: something is wrong or may be, and
// several causes fit. elsewhere: descriptors grow, none on a database. healthy: nothing wrong was seen.
// unknown: too little.
enum class Standing { named, open, elsewhere, healthy, unknown };

struct Candidate {
  std::string name;      // of mechanisms_table()
  std::string evidence;  // its numbers
  bool certain = false;  // the ledgers at hand exclude whatever else could look like this
};

// Something that was seen, and what could be behind it in order of fit. Where there is one candidate it is
// certain or awaits a confirmation.
struct Question {
  std::string seen;  // in words, with its databases
  std::vector<Candidate> candidates;
  bool harmless = false;
};

struct Line {
  std::string name, text;
};

struct TimeLeft {
  std::optional<double> seconds;  // nothing where samples were asked for and not due by the clock
  double samples = 0;             // or ticks
  std::string numbers;
};

struct Diagnosis {
  Standing standing = Standing::unknown;
  std::string verdict;              // a sentence or more
  std::vector<std::string> named;   // certain ones, primary first
  std::vector<Question> questions;  // in that order
  std::vector<Line> ruled_out;      // with what rules it out
  std::vector<Line> not_told;       // with what it would need
  std::vector<std::string> seen;    // what is no trouble, and why
  std::optional<TimeLeft> time_left;
  std::string do_now;  // before anything else, and without any risk to the data
  std::string next_command, next_why;

  // The shape of docs/record.md, with what cures each candidate.
  nlohmann::ordered_json to_json() const;
};

// Where the evidence comes from, for the command that would tell more.
struct Circumstances {
  std::string program = "walsoak";
  std::string pid = "N";
  bool listing = false;  // pasted text, in which times and locks are missing
  bool on_disk = false;  // of that: a folder's files, and no process
  bool macos = false;    // no /proc there
  bool preloads = true;  // whether a library can be preloaded into the program: not where it is static
  // What looks into the process's container: "docker", ...; "host" where it is looked at from outside.
  std::string container = {};
  std::vector<std::string> remarks = {};  // sentences: further facts about the process
};

Diagnosis diagnose(const facts::ProcessHistory& evidence, const Circumstances& circumstances = {});

}  // namespace walsoak::judgement
