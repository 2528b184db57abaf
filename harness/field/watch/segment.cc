#include "harness/field/watch/segment.h"

#include <filesystem>
#include <utility>

namespace walsoak::watch {

using nlohmann::ordered_json;

Segment::Segment(const os::RunFolder& folder, std::string cell, const os::ProcessEntry& process,
                 const Manner& manner, observer::DatabaseNames& names, const os::Clock& clock)
    : cell_(std::move(cell)),
      process_(process, names, manner.peek),
      manner_(manner),
      clock_(clock),
      stream_(folder, std::filesystem::path("cells") / (cell_ + ".jsonl")) {}

void Segment::write(const ordered_json& line) {
  stream_.append(line);
  facts_.accept(line);
}

bool Segment::sample() {
  const std::int64_t now_us = clock_.monotonic_us();
  if (next_tick_ == 0) begin_us_ = now_us;
  const std::int64_t t_us = now_us - begin_us_;
  auto look = process_.look(next_tick_, t_us);
  if (!look) return false;
  if (next_tick_ == 0) {
    write(header_line(cell_, manner_, process(), look->found, clock_));
  } else {
    for (const NamedDatabase& database : look->found) write(database_line(next_tick_, t_us, database));
  }
  if (look->sqlite) write(*look->sqlite);
  write(look->sample);
  last_sample_ = std::move(look->sample);
  ++next_tick_;
  return true;
}

void Segment::end(const std::string& reason) {
  if (next_tick_ == 0) write(header_line(cell_, manner_, process(), {}, clock_));
  write(end_line(reason, next_tick_));
  ended_ = true;
}

ordered_json Segment::run_json() const {
  return {{"cell", cell_},
          {"state", state()},
          {"settings", manner_.to_json()},
          {"differs", ordered_json::object()},
          {"control_of", nullptr},
          {"expected", Expectation().to_json()},
          {"subject", subject_json(process(), clock_)}};
}

judgement::CellSummary Segment::summary() const {
  judgement::CellIdentity identity;
  identity.cell = cell_;
  identity.settings = manner_.to_json();
  identity.differs = ordered_json::object();
  identity.control_of = nullptr;
  identity.state = state();
  return judgement::conclude(identity, facts_, Expectation());
}

}  // namespace walsoak::watch
