// walsoak list: the names that scenarios use, a line each.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/exit_codes.h"
#include "harness/run/errors.h"
#include "harness/run/programs.h"
#include "harness/scenario/list.h"
#include "harness/scenario/presets.h"
#include "harness/settings/faults.h"
#include "harness/settings/settings.h"
#include "harness/verdict/metrics.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

void row(const std::string& name, const std::string& text) {
  fmt::print("{:<32} {}\n", name, text);
}

void list_strategies() {
  const nlohmann::ordered_json description = run::describe_subject();
  for (const auto& strategy : description.at("strategies")) {
    row(strategy.at("name").get<std::string>(), strategy.at("summary").get<std::string>());
  }
}

fs::path scenarios_folder() {
  return run::home_folder() / "scenarios";
}

void list_scenarios(const std::vector<std::string>& paths_of) {
  for (const std::string& name : paths_of)
    fmt::print("{}\n", scenario::find_scenario(name, scenarios_folder()).string());
  if (!paths_of.empty()) return;
  for (const auto& scenario : scenario::list_scenarios(scenarios_folder())) {
    row(scenario.name, scenario.title);
  }
}

void list_fixes() {
  for (const auto& preset : scenario::list_presets(scenarios_folder())) {
    row(preset.name,
        preset.thread.empty() ? preset.title : fmt::format("{} ({})", preset.title, preset.thread));
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
  for (const std::string& name : verdict::metric_names()) fmt::print("{}\n", name);
  for (const std::string& name : verdict::free_running_metric_names()) row(name, "free-running cells only");
}

}  // namespace

Action add_list(CLI::App& app, const CommandLine&) {
  auto what = std::make_shared<std::string>();
  auto paths_of = std::make_shared<std::vector<std::string>>();
  CLI::App* const list = app.add_subcommand("list", "print the names that scenarios use, a line each");
  list->add_option(
          "what", *what,
          "strategies, fixes, scenarios, settings (the default stands first), faults, mechanisms or metrics")
      ->required()
      ->check(
          CLI::IsMember({"strategies", "fixes", "scenarios", "settings", "faults", "mechanisms", "metrics"}));
  list->add_option("--path", *paths_of,
                   "with scenarios: the file of the scenario that has this name, instead; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  list->footer(std::string("Examples:\n"
                           "  walsoak list strategies\n"
                           "  walsoak list settings\n"
                           "  walsoak list scenarios --path quick\n\n") +
               kExitCodeTable);
  return [what, paths_of] {
    if (!paths_of->empty() && *what != "scenarios")
      throw run::Refused(
          fmt::format("list {}: --path {} is for walsoak list scenarios", *what, paths_of->front()));
    if (*what == "strategies") list_strategies();
    if (*what == "fixes") list_fixes();
    if (*what == "scenarios") list_scenarios(*paths_of);
    if (*what == "settings") list_settings();
    if (*what == "faults") list_faults();
    if (*what == "mechanisms") list_repros();
    if (*what == "metrics") list_metrics();
    return static_cast<int>(kPass);
  };
}

}  // namespace walsoak::cli
