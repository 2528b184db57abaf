#include "harness/model/vocabulary/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "harness/model/vocabulary/faults.h"
#include "harness/model/vocabulary/order.h"
#include "harness/model/vocabulary/wal_reset.h"

namespace walsoak {
namespace {

using nlohmann::json;
constexpr double kLargest = 9007199254740992.0;  // 2^53: the integers that every JSON reader keeps exact

SettingInfo choice(std::string_view name, std::vector<std::string_view> choices, std::string_view summary) {
  return {name, SettingKind::choice, json(std::string(choices.front())), std::move(choices), 0, 0, summary};
}
SettingInfo integer(std::string_view name, std::int64_t value, double min, double max,
                    std::string_view summary) {
  return {name, SettingKind::integer, json(value), {}, min, max, summary};
}
SettingInfo number(std::string_view name, double value, double min, double max, std::string_view summary) {
  return {name, SettingKind::number, json(value), {}, min, max, summary};
}
SettingInfo text(std::string_view name, std::string value, std::string_view summary) {
  return {name, SettingKind::text, json(std::move(value)), {}, 0, 0, summary};
}

// A choice's first entry is its default, so the enums in the header list their values in the same order.
const std::vector<SettingInfo>& table() {
  static const std::vector<SettingInfo> rows = {
      text("fix", "none",
           "a preset of fixes.json whose values lie over the cell's, as a fix over the condition that it is "
           "for"),
      text("strategy", "per-tick",
           "when the dispatcher's connections open and close (walsoak list strategies)"),
      choice("subject", {"cpp", "python", "exec"},
             "the program under test: C++ on libsqlite3, CPython's sqlite3, or any that exec_command starts"),
      text("exec_command", "",
           "exec subject only: the command, as a shell reads it, that speaks the protocol of "
           "docs/protocol.md; "
           "needs --allow-exec"),
      text("module", "",
           "python subject only: FILE:FUNCTION that opens a connection, instead of the built-in connect; "
           "needs --allow-exec"),
      choice("mode", {"lockstep", "free"},
             "steps ordered one at a time by the observer, or free-running on the subject's own clock and "
             "threads"),
      integer("boards", 1, 1, 1000, "boards (SQLite files), each in a folder of its own"),
      integer("workers", 1, 0, 100, "worker processes alive at most"),
      integer("ticks", 60, 1, 10000000, "dispatcher passes over all boards"),
      number("tick_interval_s", 60, 0.001, 86400, "the boards' time between two ticks, in seconds"),
      number("duration_s", 0, 0, 31536000,
             "the boards' time that a cell lasts, in seconds; 0: ticks decides"),
      number("time_scale", 1, 0.01, 100000,
             "free-running: divides every schedule (ticks, notifier, worker life), never a busy timeout"),
      integer("tasks_per_board", 20, 0, 1000000, "tasks seeded on each board"),
      text("board_template", "",
           "boards are byte copies of this kanban.db, which is only read, instead of seeded ones; a relative "
           "path starts at the scenario's folder, on the command line at the working directory"),
      integer("worker_visits", 3, 2, 1000, "visits of a worker to its board: claim, heartbeats, complete"),
      number("worker_life_s", 120, 1, 604800,
             "free-running: seconds of the boards' time from a worker's claim to its completion"),
      number("claim_ttl_s", 900, 1, 604800,
             "a claim without heartbeat for so long (boards' time) is reclaimed"),
      choice("header_check", {"off", "raw", "stat"},
             "what a look at a board's header is: nothing, 64 bytes read with open/read/close, or stat only"),
      choice("header_check_at", {"open", "first-open", "commit"},
             "when header_check is made: before each open, before the first open of a board in the process, "
             "or after each commit"),
      choice("raw_open_registry", {"off", "on"},
             "a raw header check is left out while the process has a connection on the board"),
      choice("mode_change", {"off", "path", "descriptor"},
             "each connect tightens the modes of the board's files: not at all, by chmod of the path, or by "
             "fchmod of a descriptor that is opened and closed outside SQLite"),
      choice("mode_change_of", {"all", "main", "shm"},
             "which files mode_change touches: main, -wal and -shm, the main file alone, or the -shm alone"),
      choice("close_checkpoint", {"on", "off", "unless-lost"},
             "a last close checkpoints the -wal into the main file: as SQLite does, never "
             "(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE), or not where the name -wal leads to another file than at "
             "connect"),
      choice(
          "auto_decompose", {"closed", "off", "unclosed"},
          "the triage listing before each tick: closes its connection, does not run, or drops it unclosed"),
      choice("collector", {"every-n", "never", "auto"},
             "who frees dropped connections: a collection every collector_every ticks, nobody, or CPython "
             "itself"),
      integer("collector_every", 1, 1, 1000000, "ticks between two collections, with collector every-n"),
      choice("journal_mode", {"wal", "delete", "delete-where-vulnerable"},
             "journal mode of the boards and of all their openers; the third is delete where a process has a "
             "SQLite with the WAL-reset bug, else wal"),
      choice("flock", {"off", "init", "dispatch", "both"},
             "flock(2) on a file beside the board, round the initialisation at its first open, round each "
             "dispatch pass, or round both"),
      choice("wal_pragma", {"always", "if-needed"},
             "PRAGMA journal_mode=WAL on every connect, or only where the board is not in WAL mode"),
      choice("on_init_failure", {"close", "leak"},
             "a connect that fails after SQLite has opened closes the connection, or leaves it to the "
             "collector"),
      choice(
          "lock_guard", {"off", "main", "both"},
          "the subject keeps open-file-description read locks on the main file's shared range, or on it and "
          "on the -shm's byte 128"),
      choice("statements", {"finalized", "kept"},
             "a dispatch pass finalizes all its statements, or leaves one unfinalized when it closes"),
      choice("held_connection", {"off", "on"}, "one more connection of the subject stays open on each board"),
      choice("scope", {"dispatcher", "process"},
             "which actors go through the strategy: dispatch and probe, or all of the subject"),
      choice("fingerprint", {"inode", "mtime-size", "generation"},
             "persistent: what tells that a board was replaced: the main file's inode, its time and size, or "
             "the inodes of main file and -wal"),
      integer("max_cached_connections", 0, 0, 100000,
              "persistent: cached connections at most, least recently used goes; 0 is no bound"),
      integer("pool_size", 4, 1, 100000, "pool: connections at most, over all boards"),
      choice("pool_mode", {"lru", "borrowed"},
             "pool: idle connections go, the least recently used first, and more may be in use; or borrowers "
             "wait, so that the peak is bounded"),
      number("pool_coefficient", 0.98, 0, 0.999,
             "breathing-pool: share of its distance from pool_size that a tick leaves to the next (AR(1))"),
      integer("leak_every", 10, 0, 1000000,
              "planted-leak, breathing-pool: one connection is kept every so many ticks; 0: none is"),
      choice("worker_connection", {"per-op", "held"},
             "a worker opens and closes per operation, or holds one connection"),
      choice("finished_worker", {"ends", "stays"},
             "a worker that has completed its task ends, or stays alive with the connection that it has "
             "(#111791)"),
      choice("worker_reaper", {"off", "on"},
             "each dispatch pass ends the workers of its process that have no claim any more, by SIGTERM "
             "(#112270)"),
      number("worker_kill_rate", 0, 0, 1, "share of worker visits that end in SIGKILL at a seeded statement"),
      integer("notifier", 1, 0, 1000,
              "notifier polls of every board in each tick; 0: no notifier in any mode"),
      number("notifier_interval_s", 5, 0.001, 86400,
             "free-running: seconds of the boards' time between two notifier polls"),
      number("slash_interval_s", 0, 0, 86400,
             "seconds of the boards' time between two slash commands, each adds a task; 0: none"),
      integer("dashboards", 0, 0, 16, "dashboard processes besides the gateway, each polls every board"),
      number("dashboard_interval_s", 5, 0.001, 86400,
             "seconds of the boards' time between two polls of a dashboard"),
      integer(
          "outside_writers", 0, 0, 16,
          "processes besides the gateway that write to the boards, as the command line and agents do: they "
          "go on when the dispatcher cannot"),
      number("outside_interval_s", 20, 0.001, 86400,
             "seconds of the boards' time between two acts of an outside writer, each on the next board"),
      choice("outside_act", {"add", "comment", "finish"},
             "what an outside writer does: adds a ready task, comments on one, or finishes one"),
      choice("outside_connection", {"per-op", "held"},
             "an outside writer opens and closes per act, or holds one connection a board"),
      choice("second_dispatcher", {"off", "on"},
             "a second dispatcher on the same boards, in a process of its own"),
      choice("synchronous", {"normal", "off", "full", "extra"}, "PRAGMA synchronous of every connection"),
      integer("wal_autocheckpoint", 1000, 0, 2147483647,
              "pages in the -wal that trigger a checkpoint; 0 is never"),
      integer("passive_checkpoint_every", 0, 0, 10000000,
              "ticks between two PRAGMA wal_checkpoint(PASSIVE) behind a dispatch pass, on its connection; "
              "0: none"),
      integer("journal_size_limit", -1, -1, 2147483647,
              "bytes to which a checkpoint that resets the -wal cuts it; -1: it is not cut"),
      integer("busy_timeout_ms", 30000, 0, 3600000, "SQLite's busy timeout, in real milliseconds"),
      integer("warmup_ticks", 5, 0, 10000000, "ticks before growth is counted"),
      integer("pool_threads", 32, 1, 1000, "threads of the default pool"),
      integer("pool_thread_life", 0, 0, 1000000,
              "steps after which a thread of the default pool ends and another takes its place; 0: never"),
      choice("run_on", {"executor", "loop"},
             "free-running: database work runs on the strategy's executor, or blocks the event loop"),
      integer("sample_every", 1, 1, 1000000, "free-running: ticks between two samples"),
      number("sample_interval_s", 0, 0, 86400,
             "free-running: real seconds between two samples instead; 0: sample_every decides"),
      integer(
          "rows_every", 0, 0, 1000000,
          "lockstep: ticks between two looks at the rows inside and outside; 0: when the cell is over alone"),
      {"order",
       SettingKind::order,
       json(""),
       {},
       0,
       0,
       "lockstep: the acts of each tick by name instead of an order from the seed, as \"10 x triage, "
       "dispatch; outside-1, dispatch, workers\"; behind the last tick the first comes again"},
      integer("seed", 1, 0, kLargest, "seed of the boards' contents and of the order of steps"),
      choice("ending", {"stop", "kill"},
             "how the gateway ends: it is asked to stop and closes its connections, or it is killed"),
      {"faults",
       SettingKind::faults,
       json::array(),
       {},
       0,
       0,
       "timed changes from outside, as [{\"fault\": \"worker-kill\", \"at_tick\": 20}] (walsoak list "
       "faults)"},
      text("sqlite.subject", "system",
           "SQLite of the subject: system, or a version got by scripts/fetch-sqlite"),
      text("sqlite.worker", "system", "SQLite of the workers and of outside writers"),
      text("sqlite.checker", "system", "SQLite of the checker"),
  };
  return rows;
}

template <typename Enum>
Enum enum_value(const json& values, std::string_view name) {
  const SettingInfo& info = *find_setting(name);
  const auto& word = values.at(std::string(name)).get_ref<const std::string&>();
  for (std::size_t i = 0; i < info.choices.size(); ++i) {
    if (info.choices[i] == word) return static_cast<Enum>(i);
  }
  throw std::invalid_argument(fmt::format("setting {}: {}", name, why_invalid(info, word)));
}

void require_valid(const json& values) {
  for (const SettingInfo& info : table()) {
    const auto found = values.find(std::string(info.name));
    if (found == values.end()) throw std::invalid_argument(fmt::format("setting {}: missing", info.name));
    if (std::string why = why_invalid(info, *found); !why.empty()) {
      throw std::invalid_argument(fmt::format("setting {}: {}", info.name, why));
    }
  }
}

}  // namespace

std::span<const SettingInfo> settings_table() {
  return table();
}

const SettingInfo* find_setting(std::string_view name) {
  for (const SettingInfo& info : table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

nlohmann::ordered_json default_settings() {
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  for (const SettingInfo& info : table()) values[std::string(info.name)] = info.default_value;
  return values;
}

std::string value_text(std::string_view setting, const json& value) {
  const SettingInfo* const info = find_setting(setting);
  if (info != nullptr && info->kind == SettingKind::faults) return faults_text(value);
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string why_invalid(const SettingInfo& info, const json& value) {
  switch (info.kind) {
    case SettingKind::choice:
      for (std::string_view valid : info.choices) {
        if (value.is_string() && value.get_ref<const std::string&>() == valid) return {};
      }
      return fmt::format("valid: {}", fmt::join(info.choices, ", "));
    case SettingKind::faults:
      return why_no_faults(value);
    case SettingKind::order:
      return why_no_order(value);
    case SettingKind::text:
      return value.is_string() ? std::string{} : std::string("valid: a string");
    case SettingKind::integer:
    case SettingKind::number: {
      const bool whole = info.kind == SettingKind::integer;
      const bool typed = whole ? value.is_number_integer() : value.is_number();
      if (typed && value.get<double>() >= info.min && value.get<double>() <= info.max) return {};
      return fmt::format("valid: {} from {} to {}", whole ? "a whole number" : "a number", info.min,
                         info.max);
    }
  }
  return {};
}

std::int64_t ticks_in(double duration_s, double interval_s) {
  return std::max<std::int64_t>(1, std::llround(duration_s / interval_s));
}

bool wal_mode(JournalMode mode, int sqlite) {
  return mode == JournalMode::wal ||
         (mode == JournalMode::delete_where_vulnerable && !has_wal_reset_bug(sqlite));
}

std::string board_name(std::int64_t number) {
  return fmt::format("b{:02}", number);
}

Settings Settings::from_json(const json& values) {
  require_valid(values);
  Settings s{};
  const auto get = [&values](const char* name, auto& field) { values.at(name).get_to(field); };
  get("fix", s.fix);
  get("strategy", s.strategy);
  get("subject", s.subject);
  get("module", s.module);
  get("board_template", s.board_template);
  s.mode = enum_value<Mode>(values, "mode");
  get("boards", s.boards);
  get("workers", s.workers);
  get("ticks", s.ticks);
  get("tick_interval_s", s.tick_interval_s);
  get("duration_s", s.duration_s);
  // From here on `ticks` is what the cell will run, whichever of the two said so.
  if (s.duration_s > 0) s.ticks = ticks_in(s.duration_s, s.tick_interval_s);
  get("time_scale", s.time_scale);
  get("tasks_per_board", s.tasks_per_board);
  get("worker_visits", s.worker_visits);
  get("worker_life_s", s.worker_life_s);
  get("claim_ttl_s", s.claim_ttl_s);
  s.header_check = enum_value<HeaderCheck>(values, "header_check");
  s.header_check_at = enum_value<HeaderCheckAt>(values, "header_check_at");
  s.raw_open_registry = enum_value<Switch>(values, "raw_open_registry");
  s.mode_change = enum_value<ModeChange>(values, "mode_change");
  s.mode_change_of = enum_value<ModeChangeOf>(values, "mode_change_of");
  s.close_checkpoint = enum_value<CloseCheckpoint>(values, "close_checkpoint");
  s.auto_decompose = enum_value<AutoDecompose>(values, "auto_decompose");
  s.collector = enum_value<Collector>(values, "collector");
  get("collector_every", s.collector_every);
  s.journal_mode = enum_value<JournalMode>(values, "journal_mode");
  s.flock = enum_value<Flock>(values, "flock");
  s.wal_pragma = enum_value<WalPragma>(values, "wal_pragma");
  s.on_init_failure = enum_value<OnInitFailure>(values, "on_init_failure");
  s.lock_guard = enum_value<LockGuard>(values, "lock_guard");
  s.statements = enum_value<Statements>(values, "statements");
  s.held_connection = enum_value<Switch>(values, "held_connection");
  s.scope = enum_value<Scope>(values, "scope");
  s.fingerprint = enum_value<FingerprintKind>(values, "fingerprint");
  get("max_cached_connections", s.max_cached_connections);
  get("pool_size", s.pool_size);
  s.pool_mode = enum_value<PoolMode>(values, "pool_mode");
  get("pool_coefficient", s.pool_coefficient);
  get("leak_every", s.leak_every);
  s.worker_connection = enum_value<WorkerConnection>(values, "worker_connection");
  s.finished_worker = enum_value<FinishedWorker>(values, "finished_worker");
  s.worker_reaper = enum_value<Switch>(values, "worker_reaper");
  get("worker_kill_rate", s.worker_kill_rate);
  get("notifier", s.notifier);
  get("notifier_interval_s", s.notifier_interval_s);
  get("slash_interval_s", s.slash_interval_s);
  get("dashboards", s.dashboards);
  get("dashboard_interval_s", s.dashboard_interval_s);
  get("outside_writers", s.outside_writers);
  get("outside_interval_s", s.outside_interval_s);
  s.outside_act = enum_value<OutsideAct>(values, "outside_act");
  s.outside_connection = enum_value<WorkerConnection>(values, "outside_connection");
  s.ending = enum_value<GatewayEnd>(values, "ending");
  s.second_dispatcher = enum_value<Switch>(values, "second_dispatcher");
  get("synchronous", s.synchronous);
  get("wal_autocheckpoint", s.wal_autocheckpoint);
  get("passive_checkpoint_every", s.passive_checkpoint_every);
  get("journal_size_limit", s.journal_size_limit);
  get("busy_timeout_ms", s.busy_timeout_ms);
  get("warmup_ticks", s.warmup_ticks);
  get("pool_threads", s.pool_threads);
  get("pool_thread_life", s.pool_thread_life);
  s.run_on = enum_value<RunOn>(values, "run_on");
  get("sample_every", s.sample_every);
  get("rows_every", s.rows_every);
  get("order", s.order);
  get("sample_interval_s", s.sample_interval_s);
  get("seed", s.seed);
  s.faults = values.at("faults");
  return s;
}

}  // namespace walsoak
