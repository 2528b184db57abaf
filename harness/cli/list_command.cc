// walsoak list: the names that scenarios use, a line each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/base/escape/terminal.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/nearest.h"
#include "harness/cli/commands.h"
#include "harness/cli/vocabulary_json.h"
#include "harness/lab/launch/programs.h"
#include "harness/model/scenario/list.h"
#include "harness/model/scenario/presets.h"
#include "harness/model/vocabulary/faults.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/metrics.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

void row(const std::string& name, const std::string& text) {
  escape::print("{:<32} {}\n", name, text);
}

void list_strategies() {
  const nlohmann::ordered_json description = lab::describe_subject();
  for (const auto& strategy : description.at("strategies")) {
    row(strategy.at("name").get<std::string>(), strategy.at("summary").get<std::string>());
  }
}

fs::path scenarios_folder() {
  return lab::home_folder() / "scenarios";
}

void list_scenarios() {
  for (const auto& scenario : scenario::list_scenarios(scenarios_folder())) {
    row(scenario.name, scenario.title);
  }
}

void list_paths(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    escape::print("{}\n", scenario::find_scenario(name, scenarios_folder()).string());
  }
}

void list_fixes() {
  for (const auto& preset : scenario::list_presets(scenarios_folder())) {
    std::vector<std::string> origin, values;
    for (const std::string& part : {preset.thread, preset.state}) {
      if (!part.empty()) origin.push_back(part);
    }
    for (const auto& [setting, value] : preset.settings.items())
      values.push_back(fmt::format("{}={}", setting, value_text(setting, value)));
    const std::string seen = preset.seen_in.empty() ? "" : "; alone in " + preset.seen_in;
    row(preset.name,
        fmt::format("{}{}{}{}: {}{}", preset.title, origin.empty() ? "" : " (", fmt::join(origin, ", "),
                    origin.empty() ? "" : ")", fmt::join(values, ", "), seen));
  }
}

void list_settings() {
  for (const SettingInfo& info : settings_table()) {
    std::string values = value_text(info.name, info.default_value);
    if (values.empty()) values = "none";
    for (std::size_t i = 1; i < info.choices.size(); ++i) values += fmt::format(" | {}", info.choices[i]);
    row(std::string(info.name), fmt::format("{} [{}]", info.summary, values));
  }
}

void list_faults() {
  for (const FaultInfo& info : faults_table()) {
    row(std::string(info.name), fmt::format("{} [{}]", info.summary, keys_text(info)));
  }
}

void list_metrics() {
  for (const bool free_running : {false, true}) {
    for (const MetricInfo& info : metrics_table()) {
      if (info.free_running != free_running) continue;
      std::string text = info.meaning;
      if (!info.unit.empty()) text += fmt::format(", in {}", info.unit);
      if (info.better != Direction::none) text += fmt::format("; {} is better", direction_text(info.better));
      if (free_running) text += "; free-running cells only";
      row(info.name, text);
    }
  }
}

void list_findings() {
  for (const FindingInfo& info : findings_table()) row(std::string(info.name), std::string(info.meaning));
}

struct Kind {
  std::string_view name;
  void (*print)();
};
constexpr Kind kKinds[] = {{"strategies", list_strategies}, {"fixes", list_fixes},
                           {"scenarios", list_scenarios},   {"settings", list_settings},
                           {"faults", list_faults},         {"mechanisms", list_repros},
                           {"metrics", list_metrics},       {"findings", list_findings}};

void list(const std::string& asked) {
  std::vector<std::string_view> names;
  for (const Kind& kind : kKinds) {
    if (kind.name == asked) return kind.print();
    names.push_back(kind.name);
  }
  const std::string wrong = asked.empty() ? "of what?" : fmt::format("unknown kind \"{}\";", asked);
  throw Refused(fmt::format("list: {} {} (walsoak list --help)", wrong, what_is_valid(asked, names)));
}

}  // namespace

Action add_list(CLI::App& app, const CommandLine&) {
  auto what = std::make_shared<std::string>();
  auto paths_of = std::make_shared<std::vector<std::string>>();
  CLI::App* const command = app.add_subcommand("list", "print the names that scenarios use, a line each");
  command
      ->add_option("what", *what,
                   "strategies, fixes, scenarios, settings (the default stands first), faults, mechanisms, "
                   "findings or metrics")
      ->type_name("KIND");
  command
      ->add_option("--path", *paths_of,
                   "with scenarios: the file of the scenario that has this name, instead; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  auto as_json = std::make_shared<bool>(false);
  command->add_flag(
      "--json", *as_json,
      "findings, mechanisms, metrics, settings and faults as JSON, with their meanings; takes no KIND");
  command->footer(std::string("Examples:\n"
                              "  walsoak list strategies\n"
                              "  walsoak list settings\n"
                              "  walsoak list scenarios --path quick\n"
                              "  walsoak list --json\n\n") +
                  exit_code_table({Ending::signalled, Ending::not_carried_out, Ending::usage, Ending::done}));
  return [what, paths_of, as_json] {
    if (*as_json) {
      if (!what->empty() || !paths_of->empty())
        throw Refused("list: --json lists every kind; give it no KIND and no --path");
      escape::print("{}\n", escape::Lines{vocabulary_json().dump(2)});
      return static_cast<int>(kExitPass);
    }
    if (!paths_of->empty() && *what != "scenarios") {
      throw Refused(
          fmt::format("list {}: --path {} is for walsoak list scenarios", *what, paths_of->front()));
    }
    if (paths_of->empty()) list(*what);
    list_paths(*paths_of);
    return static_cast<int>(kExitPass);
  };
}

}  // namespace walsoak::cli
