// The settings of a cell: every constant that a scenario can set, with its default, its valid values and
// one line for `walsoak list settings`. This table is the only place that knows them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak {

enum class SettingKind { choice, integer, number, text, order, faults };

struct SettingInfo {
  std::string_view name;
  SettingKind kind;
  nlohmann::json default_value;
  std::vector<std::string_view> choices;  // for `choice`; in the order of the enum of Settings
  double min = 0;                         // for `integer` and `number`, both ends included
  double max = 0;
  std::string_view summary;
};

// All settings, in the order in which lists and reports print them. Thread-safe after first use.
std::span<const SettingInfo> settings_table();

// The row of a setting, or nullptr.
const SettingInfo* find_setting(std::string_view name);

// An object with every setting at its default: the values of a cell before a scenario speaks.
nlohmann::ordered_json default_settings();

// A value of a setting as tables and sentences show it: a word bare, faults as faults_text() has them.
std::string value_text(std::string_view setting, const nlohmann::json& value);

// Why `value` is no valid value of `info`, phrased as what would be valid; empty if it is valid.
std::string why_invalid(const SettingInfo& info, const nlohmann::json& value);

enum class Mode { lockstep, free };
enum class RunOn { executor, loop };
enum class HeaderCheck { off, raw, stat };
enum class AutoDecompose { closed, off, unclosed };
enum class Collector { every_n, never, automatic };
enum class JournalMode { wal, delete_, delete_where_vulnerable };
enum class WalPragma { always, if_needed };
enum class Switch { off, on };
enum class Scope { dispatcher, process };
enum class FingerprintKind { inode, mtime_size, generation };
enum class PoolMode { lru, borrowed };
enum class OnInitFailure { close, leak };
enum class LockGuard { off, main, both };
enum class Statements { finalized, kept };
enum class WorkerConnection { per_op, held };
enum class FinishedWorker { ends, stays };
enum class OutsideAct { add, comment, finish };
enum class GatewayEnd { stop, kill };
enum class ModeChange { off, path, descriptor };
enum class ModeChangeOf { all, main, shm };
enum class CloseCheckpoint { on, off, unless_lost };
enum class HeaderCheckAt { open, first_open, commit };
enum class Flock { off, init, dispatch, both };

// How many ticks a cell of so many seconds has, both in the boards' time; one at least.
std::int64_t ticks_in(double duration_s, double interval_s);

// Whether the mode means WAL with SQLite `sqlite` (sqlite3_libversion_number()): `delete-where-vulnerable`
// depends on it (harness/model/vocabulary/wal_reset.h).
bool wal_mode(JournalMode mode, int sqlite);

// The statements of a worker's visit, BEGIN and COMMIT included: an ordered kill falls before one of them.
inline constexpr int kVisitStatements = 5;

// The name of the n-th board of a cell, from 1: b01, b02, ...
std::string board_name(std::int64_t number);

// The same values, typed, for the programs that act on them (subject, worker, checker, conductor).
struct Settings {
  std::string fix;  // its values are in the others already
  std::string strategy;
  std::string subject;
  std::string module;
  std::string board_template;  // absolute where a scenario was read; empty: boards are seeded
  Mode mode;
  std::int64_t boards, workers, ticks, tasks_per_board, worker_visits;
  double tick_interval_s, duration_s, time_scale, worker_life_s, claim_ttl_s, worker_kill_rate;
  HeaderCheck header_check;
  HeaderCheckAt header_check_at;
  Switch raw_open_registry;
  ModeChange mode_change;
  ModeChangeOf mode_change_of;
  CloseCheckpoint close_checkpoint;
  AutoDecompose auto_decompose;
  Collector collector;
  std::int64_t collector_every;
  JournalMode journal_mode;
  Flock flock;
  WalPragma wal_pragma;
  Switch held_connection;
  Scope scope;
  FingerprintKind fingerprint;
  std::int64_t max_cached_connections;
  std::int64_t pool_size;
  PoolMode pool_mode;
  double pool_coefficient;
  OnInitFailure on_init_failure;
  LockGuard lock_guard;
  Statements statements;
  std::int64_t leak_every;
  WorkerConnection worker_connection;
  FinishedWorker finished_worker;
  Switch worker_reaper;
  std::int64_t notifier;
  double notifier_interval_s, slash_interval_s;
  std::int64_t dashboards;
  double dashboard_interval_s;
  std::int64_t outside_writers;
  double outside_interval_s;
  OutsideAct outside_act;
  WorkerConnection outside_connection;
  GatewayEnd ending;
  Switch second_dispatcher;
  std::string synchronous;
  std::int64_t wal_autocheckpoint, passive_checkpoint_every, journal_size_limit, busy_timeout_ms,
      warmup_ticks, pool_threads, pool_thread_life;
  RunOn run_on;
  std::int64_t sample_every;
  double sample_interval_s;
  std::int64_t rows_every;
  std::string order;  // for order_of()
  std::uint64_t seed;
  nlohmann::json faults;  // a valid list, for faults_of()

  // Throws std::invalid_argument naming the setting when a key is missing or invalid.
  static Settings from_json(const nlohmann::json& values);
};

}  // namespace walsoak
