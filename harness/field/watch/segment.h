// One incarnation of a watched process on record: its stream, and what the stream says so far.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/os/clock.h"
#include "harness/base/os/run_folder.h"
#include "harness/evidence/record/stream_writer.h"
#include "harness/field/watch/foreign_process.h"
#include "harness/field/watch/stream_lines.h"
#include "harness/judgement/verdict/summarise.h"

namespace walsoak::watch {

class Segment {
 public:
  // `cell` is w01, w02, ...; opens its stream in the folder. Throws std::system_error.
  Segment(const os::RunFolder& folder, std::string cell, const os::ProcessEntry& process,
          const Manner& manner, observer::DatabaseNames& names, const os::Clock& clock);

  // Takes and records one sample; false where the process has ended. The first writes the header.
  bool sample();
  // Writes the end line: process ended, done, signal ...
  void end(const std::string& reason);

  const std::string& cell() const { return cell_; }
  bool process_has_ended() const { return process_.ended(); }
  const os::ProcessEntry& process() const { return process_.process(); }
  const facts::CellFacts& facts() const { return facts_; }
  std::int64_t samples() const { return next_tick_; }
  // The last one; null before the first.
  const nlohmann::ordered_json& last_sample() const { return last_sample_; }

  // The cell of run.json and that of summary.json.
  nlohmann::ordered_json run_json() const;
  judgement::CellSummary summary() const;

 private:
  void write(const nlohmann::ordered_json& line);
  std::string state() const { return ended_ ? "done" : "running"; }

  std::string cell_;
  ForeignProcess process_;
  Manner manner_;
  const os::Clock& clock_;
  record::StreamWriter stream_;
  facts::CellFacts facts_;
  nlohmann::ordered_json last_sample_;
  std::int64_t begin_us_ = 0, next_tick_ = 0;
  bool ended_ = false;
};

}  // namespace walsoak::watch
