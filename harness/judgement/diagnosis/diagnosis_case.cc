#include "harness/judgement/diagnosis/diagnosis_case.h"

#include <string_view>
#include <utility>

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

ordered_json subject_json(const facts::ProcessHistory& evidence, Paths paths) {
  const ordered_json& subject = evidence.subject();
  ordered_json json = ordered_json::object();
  for (const char* key : {"command", "pid", "start_time"}) json[key] = subject.value(key, ordered_json());
  if (paths == Paths::shown) json["arguments"] = subject.value("arguments", ordered_json());
  return json;
}

ordered_json ledgers_json(const facts::ProcessHistory& evidence) {
  const facts::SampleSeries& series = evidence.cell().series();
  ordered_json ledgers = ordered_json::array();
  if (series.last_value(facts::Key::api_open)) ledgers.push_back("api");
  if (series.last_value(facts::Key::vfs_main)) ledgers.push_back("vfs");
  ledgers.push_back("kernel");
  return ledgers;
}

// Cures that need /proc are none where there is none.
void without_proc(ordered_json& candidates) {
  for (ordered_json& candidate : candidates) {
    ordered_json kept = ordered_json::array();
    for (const ordered_json& cure : candidate["cures"])
      if (cure.get<std::string_view>().find("/proc/") == std::string_view::npos) kept.push_back(cure);
    if (kept.empty()) kept.push_back("lsof -n -P -p PID shows which");
    candidate["cures"] = std::move(kept);
  }
}

}  // namespace

ordered_json case_json(const std::string& cell, const facts::ProcessHistory& evidence,
                       Circumstances circumstances, Paths paths) {
  const ordered_json pid = evidence.subject().value("pid", ordered_json());
  if (pid.is_number_integer()) circumstances.pid = std::to_string(pid.get<std::int64_t>());
  ordered_json json{{"cell", cell}};
  json["subject"] = evidence.cell().watched() ? subject_json(evidence, paths) : ordered_json();
  json["ledgers"] = ledgers_json(evidence);
  json["samples"] = evidence.samples();
  json["span_s"] = static_cast<double>(evidence.span_us()) / 1e6;
  json["interrupted"] = evidence.cell().interrupted();
  json["databases"] = ordered_json::array();
  for (const auto& [name, path] : evidence.paths()) {
    ordered_json database{{"name", name}};
    if (paths == Paths::shown) database["path"] = path;
    json["databases"].push_back(std::move(database));
  }
  json.update(diagnose(evidence, circumstances).to_json());
  if (circumstances.macos) without_proc(json["consistent_with"]);
  json["remarks"] = circumstances.remarks;
  return json;
}

}  // namespace walsoak::judgement
