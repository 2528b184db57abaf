// Lines of a stream for tests: each builder gives a healthy line, and a test changes what it is about.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/evidence/facts/facts.h"

namespace walsoak::testing {

using Json = nlohmann::ordered_json;

// A header of boards b01... with warmup_ticks 0, a collection every tick and scope dispatcher, `settings`
// laid over.
Json header(int boards = 1, const Json& settings = Json::object());

// A board in WAL mode with so many open connections: the three ledgers agree, the lock is held, nothing is
// deleted.
Json board(std::int64_t connections = 0);
// The same with values laid over.
Json board(std::int64_t connections, const Json& values);

// A quiet sample of boards b01... in their order.
Json sample(std::int64_t tick, const std::vector<Json>& boards);

// A dispatch pass over boards b01...; where `failed`, every board has error 522.
Json pass(std::int64_t tick, bool failed = false, int boards = 1, std::int64_t latency_us = 100);

// The same of a free-running cell: a header with columns, boards as arrays in their order, and one slot of
// the dispatcher in which the boards named failed with error 522.
Json free_header(int boards = 1, const Json& settings = Json::object());
Json free_sample(std::int64_t tick, const std::vector<Json>& boards);
Json free_tick(std::int64_t tick, const std::vector<std::string>& failed = {});

// Rows of one writer, "dispatcher", on a board; and a check of them.
Json rows(const std::string& board, std::int64_t last_seq);
Json check(const std::string& name, const std::vector<Json>& boards);
// A board of a check that met an error.
Json unreadable(const std::string& board, int code, const std::string& message);
// A final view: rows and integrity.
Json sound(const std::string& board, std::int64_t last_seq, const std::string& integrity = "ok");

Json end(const std::string& reason = "done");

// The four checks of a healthy end with `rows` commits on each of so many boards.
std::vector<Json> healthy_end(int boards = 1, std::int64_t last_seq = 40);

// Facts of header, lines, checks of a healthy end and the end line.
facts::CellFacts healthy_facts(const Json& head, const std::vector<Json>& lines, int boards = 1);
// Facts of just these lines.
facts::CellFacts facts_of(const std::vector<Json>& lines);

// Facts of a healthy cell but for its samples: tick 0 to `ticks`-1, one passing dispatch a tick, one board,
// of which `at(tick)` is what a sample shows. Warm-up is one tick: growth counts from tick 0.
facts::CellFacts series_facts(int ticks, const std::function<Json(std::int64_t)>& at,
                              const Json& settings = Json::object());

}  // namespace walsoak::testing
