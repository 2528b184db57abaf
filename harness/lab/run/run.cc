#include "harness/lab/run/run.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "harness/base/os/clock.h"
#include "harness/base/os/environment.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/plain_reason.h"
#include "harness/base/shared/version.h"
#include "harness/evidence/record/run_files.h"
#include "harness/evidence/record/stream_reader.h"
#include "harness/judgement/finding/finding.h"
#include "harness/judgement/verdict/summarise.h"
#include "harness/judgement/verdict/threshold.h"
#include "harness/lab/launch/board_template.h"
#include "harness/lab/launch/peer_ended.h"
#include "harness/lab/run/plan.h"
#include "harness/lab/run/repeats.h"
#include "harness/lab/run/run_cell.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::lab {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

Expectation expectation_of(const scenario::Cell& cell) {
  return cell.expected ? *cell.expected : Expectation{};
}

std::string values_text(const ordered_json& values) {
  std::string text;
  for (const auto& [name, value] : values.items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value_text(name, value));
  }
  return text;
}

os::RunFolder create_folder(const Plan& plan) {
  try {
    return os::RunFolder::create(folder_for(plan),
                                 copies_a_template(plan) ? os::Entry::owner : os::Entry::everyone);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_space_on_device) throw;  // nothing is wrong with the call
    throw Refused(error.what());
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

// How often the summary of running cells is written anew.
constexpr std::int64_t kSaveEveryUs = 5000000;

class Run {
 public:
  explicit Run(const Plan& plan)
      : plan_(plan), folder_(create_folder(plan)), environment_(os::environment_block(folder_.path())) {
    std::vector<std::int64_t> times;
    for (const scenario::Scenario& scenario : plan.scenarios) {
      for (const scenario::Cell& cell : scenario.cells) {
        times.push_back(repeats_of(plan, scenario));
        for (std::int64_t repeat = 1; repeat <= times.back(); ++repeat)
          add(scenario, cell, repeat, times.back());
      }
      for (const std::string& axis : scenario.axes) {
        if (std::find(axes_.begin(), axes_.end(), axis) == axes_.end()) axes_.push_back(axis);
      }
    }
    set_order(times);
    folder_.make_folder("cells");
  }

  Result carry_out() {
    escape::Progress progress(plan_.progress, stderr, cells_.size());
    save("running");
    take_templates();
    const std::size_t side_by_side = std::min(cells_.size(), static_cast<std::size_t>(jobs_of(plan_)));
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < side_by_side; ++i) threads.emplace_back([&] { run_cells(progress); });
      run_cells(progress);
    }
    if (!plan_.keep) folder_.remove_tree("templates");
    Result result{folder_.path(), {}, exit_code_, failure_, deaths_};
    try {
      result.summary = save(state_, exit_code_);
    } catch (const std::system_error& error) {
      // A full disk, most often: what was found is printed all the same.
      result.summary = summary_of(state_, 4);
      result.exit_code = 4;
      if (result.failure.empty()) result.failure = error.what();
      result.failure +=
          "; the run's files are not complete: free some space, or name another folder with --out";
    }
    if (result.exit_code == 0) result.exit_code = result.summary.at("exit_code").get<int>();
    return result;
  }

 private:
  struct Planned {
    scenario::Cell cell;
    judgement::CellIdentity identity;
    Expectation expectation;
    std::optional<judgement::CellSummary> summary;
    facts::CellFacts so_far;  // of a running cell
    std::optional<std::int64_t> late_us;
  };

  static escape::Progress::Standing standing_of(const Planned& planned) {
    using facts::Key;
    const facts::Counts& last = planned.so_far.series().last().total;
    const std::string finding = judgement::find_so_far(planned.so_far).name;
    return {planned.late_us,
            last[Key::kernel_main],
            last[Key::kernel_wal],
            last[Key::kernel_shm],
            sum(last[Key::kernel_wal_deleted], last[Key::kernel_shm_deleted]),
            finding,
            is_harmful(finding)};
  }

  // One copy of each template for the whole run: its cells differ in nothing but their settings, whatever
  // becomes of the file meanwhile.
  void take_templates() {
    std::set<std::string> sources;
    for (const Planned& planned : cells_) {
      sources.insert(planned.cell.settings.at("board_template").get<std::string>());
    }
    sources.erase("");
    try {
      for (const std::string& source : sources) snapshot_template(source, folder_, template_snapshot(source));
    } catch (const std::exception& error) {
      give_up("failed", 4, error.what());
    }
  }

  // One thread's share: cell after cell, until all have begun or one could not be carried out. Cells that run
  // beside that one come to their end: hours of theirs are not thrown away.
  void run_cells(escape::Progress& progress) {
    for (;;) {
      Planned* planned = nullptr;
      {
        const std::lock_guard lock(mutex_);
        if (state_ != "done" || next_ == cells_.size()) return;
        planned = &cells_[order_[next_++]];
      }
      try {
        run_one(*planned, progress);
      } catch (const Stopped& stopped) {
        give_up("interrupted", 128 + stopped.signal(), stopped.what());
      } catch (const Refused& refused) {
        give_up("failed", 3, refused.what());
      } catch (const std::exception& error) {
        give_up("failed", 4, error.what());
      }
    }
  }

  // The first reason counts, but for a signal, which is behind whatever else went wrong then.
  void give_up(const char* state, int exit_code, const char* why) {
    const std::lock_guard lock(mutex_);
    if (state_ != "done" && exit_code < 128) return;
    state_ = state;
    exit_code_ = exit_code;
    failure_ = why;
  }

  // Cells stand by point, and a point's by repeat; `times` are the points', in order.
  void set_order(const std::vector<std::int64_t>& times) {
    std::vector<std::size_t> first;
    std::size_t cells = 0;
    for (const std::int64_t count : times) {
      first.push_back(cells);
      cells += static_cast<std::size_t>(count);
    }
    const auto seed = cells_.front().cell.settings.at("seed").get<std::uint64_t>();
    ordered_json names = ordered_json::array();
    for (const Turn& turn : interleaved(times, seed)) {
      order_.push_back(first[turn.point] + static_cast<std::size_t>(turn.repeat - 1));
      names.push_back(cells_[order_.back()].cell.id);
    }
    if (cells > times.size()) repeats_ = {{"seed", seed}, {"order", std::move(names)}};
  }

  void add(const scenario::Scenario& scenario, scenario::Cell cell, std::int64_t repeat, std::int64_t times) {
    // Several scenarios in one folder: each keeps its name in front of its cells'.
    if (plan_.scenarios.size() > 1) {
      cell.id = scenario.name + "." + cell.id;
      if (cell.control_of) cell.control_of = scenario.name + "." + *cell.control_of;
    }
    judgement::CellIdentity identity;
    if (times > 1) {
      identity.point = cell.id;
      identity.repeat = repeat;
      cell.id = repeat_name(cell.id, repeat);
    }
    identity.cell = cell.id;
    identity.settings = cell.settings;
    identity.differs = cell.differs;
    identity.control_of = cell.control_of ? ordered_json(*cell.control_of) : ordered_json(nullptr);
    cells_.push_back({cell, identity, expectation_of(cell), std::nullopt, {}, std::nullopt});
  }

  void run_one(Planned& planned, escape::Progress& progress) {
    begin(planned, progress);
    const std::string& cell = planned.cell.id;
    const Listener listener{[&](std::int64_t done, std::int64_t of) { progress.tick(cell, done, of); },
                            [&](const ordered_json& line) { follow(planned, line, progress); },
                            [&] { return broken_threshold(planned); }};
    try {
      run_cell(planned.cell, folder_, listener);
    } catch (const Stopped&) {
      conclude(planned, "interrupted");
      throw;
    } catch (const Refused&) {
      conclude(planned, "failed");
      throw;
    } catch (const PeerEnded& ended) {
      // The process under test has died: a result of this cell, and none of the others'.
      conclude(planned, "failed");
      return end_cell(planned, progress, said_of(cell, ended));
    } catch (const std::exception& error) {
      conclude(planned, "failed");
      throw Failed(said_of(cell, error));
    }
    conclude(planned, "done");
    end_cell(planned, progress, "");
  }

  std::string said_of(const std::string& cell, const std::exception& error) const {
    return fmt::format("cell {}: {}; its processes' stderr is in {}", cell, plain_reason(error),
                       (folder_.path() / cell_folder(cell) / "stderr").string());
  }

  void end_cell(const Planned& planned, escape::Progress& progress, const std::string& death) {
    const std::string& cell = planned.cell.id;
    const std::lock_guard lock(mutex_);
    if (!death.empty()) deaths_.push_back(death);
    save("running");
    const ordered_json& summary = planned.summary->json;
    progress.end_cell(cell, fmt::format("{} ({})", summary.at("finding").get<std::string>(),
                                        summary.at("verdict").get<std::string>()));
    if (!plan_.keep && summary.at("verdict") == "pass") folder_.remove_tree(cell_folder(cell));
  }

  void begin(Planned& planned, escape::Progress& progress) {
    const std::lock_guard lock(mutex_);
    progress.begin_cell(planned.cell.id, values_text(planned.cell.differs));
    planned.identity.state = "running";
    save_running();
  }

  // What a running cell has come to so far goes into the summary now and then, so that it is good at any
  // moment.
  void follow(Planned& planned, const ordered_json& line, escape::Progress& progress) {
    const std::lock_guard lock(mutex_);
    planned.so_far.accept(line);
    if (line.at("type") == "tick") planned.late_us = line.at("late_us").get<std::int64_t>();
    if (line.at("type") != "sample") return;
    progress.stand(planned.cell.id, standing_of(planned));
    const std::int64_t now_us = os::system_clock().monotonic_us();
    if (now_us - saved_us_ < kSaveEveryUs) return;
    save_running();
  }

  // Which threshold ends the running cell now, with its numbers; "" for none.
  std::string broken_threshold(const Planned& planned) {
    const auto& thresholds = planned.expectation.thresholds;
    if (std::none_of(thresholds.begin(), thresholds.end(), [](const auto& t) { return t.abort_on_fail; }))
      return {};
    const std::lock_guard lock(mutex_);
    const double interval_s = planned.cell.settings.at("tick_interval_s").get<double>();
    const double elapsed_s = static_cast<double>(planned.so_far.series().last().tick + 1) * interval_s;
    const auto broken =
        judgement::broken_so_far(thresholds, judgement::metrics_of(planned.so_far), elapsed_s);
    return broken ? broken->reason : "";
  }

  void save_running() {
    for (Planned& running : cells_) {
      if (running.identity.state != "running") continue;
      running.summary = judgement::conclude(running.identity, running.so_far, running.expectation);
    }
    save("running");
  }

  // Judges what is on disk, as a later look at the stored run would.
  void conclude(Planned& planned, const char* state) {
    facts::CellFacts facts;
    const fs::path stream = folder_.path() / cell_stream(planned.cell.id);
    if (fs::exists(stream) && fs::file_size(stream) > 0) {
      const auto end = record::read_stream(stream, [&](const ordered_json& line) { facts.accept(line); });
      if (end.cut_off) facts.note_cut(end.lines + 1, end.bytes);
    }
    const std::lock_guard lock(mutex_);
    planned.identity.state = state;
    planned.so_far = {};
    note_libraries(facts.roles());
    planned.summary = judgement::conclude(planned.identity, facts, planned.expectation);
  }

  // Which builds of SQLite took part, by version: the environment of a run is not whole without them.
  void note_libraries(const ordered_json& roles) {
    for (const char* role : {"subject", "checker"}) {
      if (!roles.contains(role)) continue;
      const ordered_json& loaded = roles.at(role);
      environment_["sqlite"][loaded.at("version").get<std::string>()] = {
          {"source_id", loaded.at("source_id")}, {"compile_options", loaded.at("compile_options")}};
    }
  }

  void save_run(const std::string& state) {
    ordered_json scenarios = ordered_json::array();
    for (const scenario::Scenario& scenario : plan_.scenarios) {
      scenarios.push_back({{"path", scenario.path.string()}, {"content", scenario.verbatim}});
    }
    ordered_json cells = ordered_json::array();
    for (const Planned& planned : cells_) {
      ordered_json cell{{"cell", planned.cell.id},
                        {"state", planned.identity.state},
                        {"settings", planned.cell.settings},
                        {"differs", planned.cell.differs},
                        {"control_of", planned.identity.control_of},
                        {"expected", planned.expectation.to_json()}};
      judgement::note_repeat(planned.identity, cell);
      cells.push_back(std::move(cell));
    }
    ordered_json run{{"walsoak", kVersion},
                     {"run", folder_.path().filename().string()},
                     {"state", state},
                     {"command", plan_.command},
                     {"jobs", jobs_of(plan_)},
                     {"scenarios", std::move(scenarios)},
                     {"environment", environment_},
                     {"cells", std::move(cells)}};
    if (!repeats_.is_null()) run["repeats"] = repeats_;
    record::write_run(folder_, run);
  }

  ordered_json save(const std::string& state, int exit_code = 0) {
    saved_us_ = os::system_clock().monotonic_us();
    save_run(state);
    ordered_json summary = summary_of(state, exit_code);
    record::write_summary(folder_, summary);
    return summary;
  }

  ordered_json summary_of(const std::string& state, int exit_code) {
    judgement::RunIdentity identity;
    identity.walsoak = kVersion;
    identity.run = folder_.path().filename().string();
    identity.title = plan_.scenarios.front().title;
    identity.question = plan_.scenarios.front().question;
    if (plan_.scenarios.size() > 1) identity.title = fmt::format("{} scenarios", plan_.scenarios.size());
    identity.state = state;
    identity.command = plan_.command;
    identity.jobs = jobs_of(plan_);
    identity.environment = environment_;
    identity.axes = axes_;
    identity.repeats = repeats_;
    std::vector<judgement::CellSummary> summaries;
    for (const Planned& planned : cells_) {
      summaries.push_back(planned.summary ? *planned.summary
                                          : judgement::not_run(planned.identity, planned.expectation));
    }
    ordered_json summary = judgement::summarise(identity, std::move(summaries));
    if (exit_code != 0) summary["exit_code"] = exit_code;
    return summary;
  }

  const Plan& plan_;
  os::RunFolder folder_;
  ordered_json environment_;
  std::vector<std::string> axes_;
  std::mutex mutex_;  // everything below, and the run's files
  std::vector<Planned> cells_;
  std::vector<std::size_t> order_;  // indices of cells_ as they are carried out
  ordered_json repeats_;            // null where no cell is repeated
  std::size_t next_ = 0;
  std::string state_ = "done";
  int exit_code_ = 0;
  std::string failure_;
  std::vector<std::string> deaths_;  // that ended a cell, one line each
  std::int64_t saved_us_ = 0;
};

}  // namespace

Result carry_out(const Plan& plan) {
  check_prerequisites(plan);
  return Run(plan).carry_out();
}

}  // namespace walsoak::lab
