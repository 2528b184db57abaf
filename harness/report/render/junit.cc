#include "harness/report/render/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "harness/base/escape/escape.h"
#include "harness/evidence/record/redact.h"
#include "harness/report/blocks/deaths.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/privacy.h"
#include "harness/report/text/repeatable.h"
#include "harness/report/text/xml.h"

namespace walsoak::report {
namespace {

std::string shown_text(const Json& object, const char* key) {
  return shown(object.value(key, Json("")));
}

// Of the run's scenarios, in its order; a watched process has none, and its run's name stands for them.
std::vector<std::string> scenario_names(const Json& run) {
  std::vector<std::string> names;
  for (const Json& scenario : run.value("scenarios", Json::array())) {
    const Json content = scenario.value("content", Json::object());
    names.push_back(content.value("name", std::filesystem::path(shown(scenario.at("path"))).stem().string()));
  }
  if (names.empty()) names.push_back(shown_text(run, "run"));
  return names;
}

// Where there are several, cells carry the name of theirs ("quick.c01").
bool is_cell_of(const std::string& scenario, std::size_t scenarios, const Json& cell) {
  return scenarios == 1 || shown_text(cell, "cell").starts_with(scenario + ".");
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string evidence_text(const Json& cell) {
  std::vector<std::string> lines{fmt::format("finding: {}", finding_text(cell))};
  if (const auto also = strings(cell.value("also", Json::array())); !also.empty()) {
    lines.push_back("also: " + listed(also));
  }
  for (const std::string& line : strings(cell.value("evidence", Json::array()))) lines.push_back(line);
  for (const char* kind : {"mechanisms", "mechanisms_unknown"}) {
    for (const Json& mechanism : cell.value(kind, Json::array())) {
      lines.push_back(fmt::format("{}{}: {}", std::string_view(kind) == "mechanisms" ? "" : "not known: ",
                                  shown_text(mechanism, "name"), shown_text(mechanism, "evidence")));
    }
  }
  for (const std::string& remark :
       strings(cell.value("ledgers", Json::object()).value("remarks", Json::array()))) {
    lines.push_back("ledgers: " + remark);
  }
  if (const std::string deaths = deaths_text(cell); !deaths.empty()) lines.push_back("deaths: " + deaths);
  for (const std::string& error : errors_text(cell, 5)) lines.push_back("errors: " + error);
  return joined_lines(lines);
}

struct Tally {
  int tests = 0, failures = 0, errors = 0;
  std::int64_t elapsed_us = 0;

  void add(const Tally& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    elapsed_us += other.elapsed_us;
  }
  XmlAttributes attributes(const std::string& name) const {
    return {{"name", name},
            {"tests", std::to_string(tests)},
            {"failures", std::to_string(failures)},
            {"errors", std::to_string(errors)},
            {"skipped", "0"},
            {"time", fmt::format("{:.3f}", static_cast<double>(elapsed_us) / 1e6)}};
  }
};

std::string property(const std::string& name, const std::string& value) {
  return xml_element("property", {{"name", name}, {"value", value}});
}
std::string properties(const std::string& content) {
  return xml_element("properties", {}, "\n" + content);
}

// <failure> or <error>; nothing for a verdict of pass.
std::string judged(const std::string& verdict, const std::vector<std::string>& reasons, Tally& tally) {
  ++tally.tests;
  if (verdict == "pass") return {};
  const bool fails = verdict == "fail";
  ++(fails ? tally.failures : tally.errors);
  const std::string message = reasons.empty() ? "verdict " + verdict : reasons.front();
  return xml_text_element(fails ? "failure" : "error", {{"message", message}, {"type", verdict}},
                          joined_lines(reasons));
}

std::string cell_properties(const Json& cell) {
  const Json settings = cell.value("settings", Json::object());
  std::string content = property("seed", shown(settings.value("seed", Json())));
  const Json sqlite = cell.value("sqlite", Json::object());
  for (const auto& [role, version] : sqlite.items()) {
    content += property("sqlite." + role, shown(version));
  }
  // The workers' is never asked for by the summary: what the cell names is what they were held to.
  if (settings.contains("sqlite.worker"))
    content += property("sqlite.worker", shown(settings["sqlite.worker"]));
  const Json differs = cell.value("differs", Json::object());
  for (const auto& [name, value] : differs.items()) {
    if (name != "seed" && name != "sqlite.worker") content += property(name, shown_value(name, value));
  }
  const Json control_of = cell.value("control_of", Json());
  if (!control_of.is_null()) content += property("control_of", shown(control_of));
  content += property("cell", shown_text(cell, "cell"));
  return properties(content);
}

// The names of a suite's cases. CI systems follow a test by its name from run to run, so that it is made of
// what was set: the number of a cell moves when the matrix grows.
class CaseNames {
 public:
  explicit CaseNames(std::string scenario) : scenario_(std::move(scenario)) {}

  // Of the first repeat the settings alone, as of a run that repeats nothing.
  std::string of_cell(const Json& cell) {
    const bool varied = !cell.value("differs", Json::object()).empty();
    std::string name = varied || cell.contains("watched") ? settings_text(cell) : scenario_;
    const auto repeat = cell.value("repeat", std::int64_t{1});
    if (repeat > 1) name += fmt::format(", repeat {}", repeat);
    return only_one(std::move(name));
  }
  // Two values may read the same, as databases whose names were taken out.
  std::string only_one(std::string name) {
    const int times = ++times_[name];
    return times == 1 ? name : only_one(fmt::format("{} ({})", name, times));
  }

 private:
  std::string scenario_;
  std::map<std::string, int> times_;
};

std::string cell_cases(const std::string& scenario, const Json& cell, CaseNames& names, Tally& tally) {
  const std::string name = names.of_cell(cell);
  const Json elapsed = cell.value("elapsed_us", Json());
  Tally own;
  own.elapsed_us = elapsed.is_number_integer() ? elapsed.get<std::int64_t>() : 0;
  const auto test = [&](const std::string& title, std::int64_t time_us, const std::string& content) {
    return xml_element("testcase",
                       {{"classname", scenario},
                        {"name", title},
                        {"time", fmt::format("{:.3f}", static_cast<double>(time_us) / 1e6)}},
                       "\n" + content);
  };
  const std::string outcome =
      judged(shown_text(cell, "verdict"), strings(cell.value("reasons", Json::array())), own);
  std::string text =
      test(name, own.elapsed_us,
           cell_properties(cell) + outcome + xml_text_element("system-out", {}, evidence_text(cell)));
  for (const Json& threshold : cell.value("thresholds", Json::array())) {
    const std::string reason = shown_text(threshold, "reason");
    const std::string kept = judged(shown_text(threshold, "verdict"),
                                    reason.empty() ? std::vector<std::string>{} : std::vector{reason}, own);
    const std::string seen = fmt::format("seen: {}\n", shown(threshold.value("seen", Json())));
    text += test(names.only_one(fmt::format("{}: {}", name, shown_text(threshold, "threshold"))), 0,
                 kept + xml_text_element("system-out", {}, seen));
  }
  tally.add(own);
  return text;
}

std::string run_properties(const Json& summary) {
  const Json environment = summary.value("environment", Json::object());
  std::string content = property("walsoak", shown_text(summary, "walsoak")) +
                        property("commit", shown(environment.value("commit", Json()))) +
                        property("run", shown_text(summary, "run")) +
                        property("state", shown_text(summary, "state")) +
                        property("verdict", shown_text(summary, "verdict")) +
                        property("exit_code", shown(summary.at("exit_code")));
  std::string command;
  for (const std::string& word : strings(summary.value("command", Json::array()))) {
    command += (command.empty() ? "" : " ") + word;
  }
  content += property("command", command);
  const Json sqlite = environment.value("sqlite", Json::object());
  for (const auto& [version, build] : sqlite.items()) {
    content += property("sqlite " + version, shown(build.value("source_id", Json())));
  }
  return properties(content);
}

}  // namespace

std::string junit_xml(const Json& summary, const Json& run) {
  const record::Identity identity = record::identity_of(summary.value("environment", Json::object()));
  const Json open =
      escape::visible_document(record::redact_json(without_private_names(repeatable(summary)), identity));
  const std::vector<std::string> scenarios =
      scenario_names(escape::visible_document(record::redact_json(run, identity)));
  Tally all;
  std::string suites;
  for (const std::string& scenario : scenarios) {
    Tally tally;
    CaseNames names(scenario);
    std::string cases;
    for (const Json& cell : open.at("cells")) {
      if (is_cell_of(scenario, scenarios.size(), cell)) cases += cell_cases(scenario, cell, names, tally);
    }
    suites += xml_element("testsuite", tally.attributes(scenario), "\n" + run_properties(open) + cases);
    all.add(tally);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         xml_element("testsuites", all.attributes("walsoak"), "\n" + suites);
}

}  // namespace walsoak::report
