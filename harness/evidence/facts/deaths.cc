#include "harness/evidence/facts/deaths.h"

#include <fmt/format.h>

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostInFull = 8;  // a worker that always crashes would fill the summary

std::string text_at(const ordered_json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Count number_at(const ordered_json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_number_integer() ? Count(found->get<std::int64_t>()) : Count();
}

ordered_json or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

}  // namespace

Death Death::from_json(const ordered_json& event) {
  Death death;
  death.process = text_at(event, "process");
  death.role = text_at(event, "role");
  death.pid = number_at(event, "pid").value_or(0);
  death.tick = number_at(event, "tick").value_or(-1);
  death.exit_code = number_at(event, "exit_code");
  death.signal = text_at(event, "signal");
  death.last_line = text_at(event, "last_line");
  return death;
}

ordered_json Death::to_json() const {
  return {{"process", process},
          {"role", role},
          {"pid", pid},
          {"tick", tick},
          {"exit_code", exit_code ? ordered_json(*exit_code) : ordered_json()},
          {"signal", or_null(signal)},
          {"last_line", or_null(last_line)}};
}

std::string Death::how() const {
  const std::string end = !signal.empty() ? "killed by " + signal
                          : exit_code     ? fmt::format("exit code {}", *exit_code)
                                          : "exit code and signal not known";
  return end + (last_line.empty() ? "; nothing on its stderr"
                                  : fmt::format("; last line of its stderr: \"{}\"", last_line));
}

std::string Death::text() const {
  const std::string who = role == process || process.starts_with(role + "-") ? process : role + " " + process;
  return fmt::format("{} (pid {}) died {}: {}", who, pid,
                     tick < 0 ? std::string("before the first tick") : fmt::format("at tick {}", tick),
                     how());
}

void Deaths::accept(const ordered_json& event) {
  Death death = Death::from_json(event);
  ++count_;
  if (death.role != "worker") fatal_ = death;
  if (first_.size() < kMostInFull) first_.push_back(std::move(death));
}

std::string Deaths::text() const {
  if (first_.empty()) return {};
  return first_.front().text() + (count_ > 1 ? fmt::format(" (and {} more deaths)", count_ - 1) : "");
}

ordered_json Deaths::to_json() const {
  if (first_.empty()) return nullptr;
  ordered_json first = ordered_json::array();
  for (const Death& death : first_) first.push_back(death.to_json());
  return {{"count", count_}, {"text", text()}, {"first", std::move(first)}};
}

}  // namespace walsoak::facts
