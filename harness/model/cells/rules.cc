#include "harness/model/cells/rules.h"

#include <fmt/format.h>

#include "harness/model/vocabulary/order.h"

namespace walsoak::scenario {
namespace {

// The defaults clash with nothing, so that one of the two was written at least.
const Place& last_laid(const Draft& cell, std::string_view first, std::string_view second) {
  const Assignment* a = cell.assignment(first);
  const Assignment* b = cell.assignment(second);
  if (a == nullptr || (b != nullptr && b->layer > a->layer)) return b->place;
  return a->place;
}

bool is_board_name(const std::string& name, std::int64_t boards) {
  for (std::int64_t i = 1; i <= boards; ++i) {
    if (name == board_name(i)) return true;
  }
  return false;
}

std::int64_t ticks_of(const Draft& cell) {
  const auto duration_s = cell.value("duration_s").get<double>();
  return duration_s > 0 ? ticks_in(duration_s, cell.value("tick_interval_s").get<double>())
                        : cell.value("ticks").get<std::int64_t>();
}

void warmup_ends_before_the_cell(const Draft& cell) {
  const auto warmup = cell.value("warmup_ticks").get<std::int64_t>();
  const std::int64_t ticks = ticks_of(cell);
  if (warmup < ticks) return;
  if (cell.value("duration_s").get<double>() > 0) {
    last_laid(cell, "warmup_ticks", "duration_s")
        .fail(
            fmt::format("warmup_ticks {} is not less than the {} ticks that duration_s makes", warmup, ticks),
            fmt::format("valid: with this duration, warmup_ticks from 0 to {}", ticks - 1));
  }
  last_laid(cell, "warmup_ticks", "ticks")
      .fail(fmt::format("warmup_ticks {} is not less than ticks {}", warmup, ticks),
            fmt::format("valid: with these ticks, warmup_ticks from 0 to {}", ticks - 1));
}

// duration_s decides how many ticks there are, so that ticks beside it would be ignored. A duration of a
// later layer (--duration over a scenario's ticks) takes their place on purpose.
void ticks_or_a_duration(const Draft& cell) {
  const Assignment* const ticks = cell.assignment("ticks");
  if (ticks == nullptr || cell.value("duration_s").get<double>() == 0) return;
  const Assignment& duration = *cell.assignment("duration_s");
  if (duration.layer > ticks->layer) return;
  ticks->place.fail(fmt::format("ticks and duration_s are both set; ticks {} would be ignored beside {:g} s",
                                ticks->value.get<std::int64_t>(), duration.value.get<double>()),
                    "valid: one of the two; duration_s 0 lets ticks decide");
}

void module_is_python(const Draft& cell) {
  if (cell.value("module") == "" || cell.value("subject") == "python") return;
  last_laid(cell, "module", "subject")
      .fail("module needs subject python", "valid: subject python, or no module");
}

// Of the two whichever was laid last is at fault.
void exec_has_a_command(const Draft& cell) {
  const bool exec = cell.value("subject") == "exec";
  if (exec == (cell.value("exec_command") != "")) return;
  if (exec) {
    cell.assignment("subject")->place.fail("subject exec needs exec_command",
                                           "valid: a command that speaks docs/protocol.md");
  }
  last_laid(cell, "exec_command", "subject")
      .fail("exec_command needs subject exec", "valid: subject exec, or no exec_command");
}

// CPython's own collector runs when it likes; in lockstep nothing runs that was not ordered.
void automatic_collector(const Draft& cell) {
  if (cell.value("collector") != "auto") return;
  if (cell.value("subject") != "python") {
    last_laid(cell, "collector", "subject")
        .fail("collector auto needs subject python", "valid: subject python, or collector every-n, never");
  }
  if (cell.value("mode") == "free") return;
  cell.assignment("collector")
      ->place.fail("collector auto needs a free-running cell", "valid in lockstep: collector every-n, never");
}

void faults_fit_the_cell(const Draft& cell) {
  const auto& value = cell.value("faults");
  if (value.empty()) return;
  const Place& place = cell.assignment("faults")->place;
  const auto boards = cell.value("boards").get<std::int64_t>();
  for (const auto& fault : value) {
    const std::string name = fault.at("fault").get<std::string>();
    if (const auto board = fault.find("board"); board != fault.end() && !is_board_name(*board, boards)) {
      place.fail(fmt::format("{}: there is no board {}", name, board->get<std::string>()),
                 fmt::format("valid: b01 to {}", board_name(boards)));
    }
    const auto& at = fault.at("at_tick");
    const auto last = (at.is_array() ? at[1] : at).get<std::int64_t>();
    if (const std::int64_t ticks = ticks_of(cell); last >= ticks) {
      place.fail(fmt::format("{}: at_tick {} is behind the last tick of the cell", name, last),
                 fmt::format("valid: at_tick from 0 to {}", ticks - 1));
    }
    if (cell.value("subject") != "cpp" && (name == "io-error" || name == "disk-full")) {
      place.fail(name + " needs the VFS of a C++ subject", "valid: subject cpp, or no such fault");
    }
  }
}

// In lockstep there is no clock that a scale could divide, nor threads that run by themselves.
void needs_the_clock(const Draft& cell) {
  if (cell.value("mode") == "free") return;
  for (const char* name : {"time_scale", "run_on", "sample_every", "sample_interval_s"}) {
    if (cell.value(name) == find_setting(name)->default_value) continue;
    last_laid(cell, name, "mode")
        .fail(fmt::format("{} needs a free-running cell", name),
              fmt::format("valid: mode free, or no {}", name));
  }
}

// Each named process must exist in the cell; an unknown one would fail in mid-run.
void order_fits_the_cell(const Draft& cell) {
  const auto order = cell.value("order").get<std::string>();
  if (order.empty()) return;
  if (cell.value("mode") != "lockstep") {
    last_laid(cell, "order", "mode").fail("order needs a lockstep cell", "valid: mode lockstep, or no order");
  }
  const auto need = [&](const OrderedAct& act, const char* setting, bool there, const std::string& valid) {
    if (there) return;
    last_laid(cell, "order", setting)
        .fail(fmt::format("order names {}, which this cell does not have", act.word), "valid: " + valid);
  };
  for (const auto& tick : order_of(order)) {
    for (const OrderedAct& act : tick) {
      const auto at_least = [&](const char* setting) {
        need(act, setting, cell.value(setting).get<std::int64_t>() >= act.number,
             fmt::format("{} {} or more, or no {}", setting, act.number, act.word));
      };
      if (act.actor == "outside") at_least("outside_writers");
      if (act.actor == "dashboard") at_least("dashboards");
      if (act.actor == "dispatcher") {
        need(act, "second_dispatcher", cell.value("second_dispatcher") == "on",
             fmt::format("second_dispatcher on, or no {}", act.word));
      }
      if (act.actor == "triage") {
        need(act, "auto_decompose", cell.value("auto_decompose") != "off",
             "auto_decompose closed, unclosed, or no triage");
      }
    }
  }
}

// A look inside is an act, and the clock of a free-running cell orders the dispatcher's acts alone.
void looks_at_rows_fit_the_cell(const Draft& cell) {
  const auto every = cell.value("rows_every").get<std::int64_t>();
  if (every == 0) return;
  if (cell.value("mode") != "lockstep") {
    last_laid(cell, "rows_every", "mode")
        .fail("rows_every needs a lockstep cell", "valid: mode lockstep, or no rows_every");
  }
  if (const std::int64_t ticks = ticks_of(cell); every > ticks) {
    last_laid(cell, "rows_every", "ticks")
        .fail(fmt::format("rows_every {} comes after the {} ticks of the cell", every, ticks),
              fmt::format("valid: rows_every from 0 to {}", ticks));
  }
  if (cell.value("pool_thread_life") != 0) {
    last_laid(cell, "rows_every", "pool_thread_life")
        .fail("rows_every looks on a thread of the pool, and would use up its life (pool_thread_life)",
              "valid: one of the two");
  }
}

}  // namespace

void check_rules(const Draft& cell) {
  ticks_or_a_duration(cell);
  warmup_ends_before_the_cell(cell);
  module_is_python(cell);
  exec_has_a_command(cell);
  automatic_collector(cell);
  needs_the_clock(cell);
  looks_at_rows_fit_the_cell(cell);
  order_fits_the_cell(cell);
  faults_fit_the_cell(cell);
}

}  // namespace walsoak::scenario
