// The errors of a cell's steps, counted by what they were and where: thousands of passes that fail the same
// way are one row.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>

namespace walsoak::facts {

class ErrorTable {
 public:
  // The `error` object of a board in a step, met `count` times. `actor` is "subject", "checker",
  // "dispatcher-2", "dashboard-1", "outside-1", or a worker's name.
  void accept(const nlohmann::ordered_json& error, const std::string& step, const std::string& actor,
              std::int64_t count = 1);

  // Rows of {code, message, where, app, step, actor, count}, most frequent first.
  nlohmann::ordered_json to_json() const;

  // Whether some error had this primary code of SQLite, or this name of the application.
  std::int64_t with_primary_code(std::int64_t code) const;
  std::int64_t with_app(const std::string& app) const;

 private:
  // code, message, where, app, step, actor
  using Row = std::tuple<std::int64_t, std::string, std::string, std::string, std::string, std::string>;
  std::map<Row, std::int64_t> counts_;
};

}  // namespace walsoak::facts
