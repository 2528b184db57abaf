// walsoak list: the names that scenarios use, a line each.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "harness/base/escape/terminal.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/nearest.h"
#include "harness/cli/commands.h"
#include "harness/judgement/finding/metrics.h"
#include "harness/lab/launch/programs.h"
#include "harness/model/scenario/list.h"
#include "harness/model/scenario/presets.h"
#include "harness/model/vocabulary/faults.h"
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
  for (const std::string& name : judgement::metric_names()) escape::print("{}\n", name);
  for (const std::string& name : judgement::free_running_metric_names()) row(name, "free-running cells only");
}

struct Kind {
  std::string_view name;
  void (*print)();
};
constexpr Kind kKinds[] = {{"strategies", list_strategies}, {"fixes", list_fixes},
                           {"scenarios", list_scenarios},   {"settings", list_settings},
                           {"faults", list_faults},         {"mechanisms", list_repros},
                           {"metrics", list_metrics}};

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
      ->add_option(
          "what", *what,
          "strategies, fixes, scenarios, settings (the default stands first), faults, mechanisms or metrics")
      ->type_name("KIND");
  command
      ->add_option("--path", *paths_of,
                   "with scenarios: the file of the scenario that has this name, instead; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->footer(std::string("Examples:\n"
                              "  walsoak list strategies\n"
                              "  walsoak list settings\n"
                              "  walsoak list scenarios --path quick\n\n") +
                  exit_code_table({Ending::signalled, Ending::not_carried_out, Ending::usage, Ending::done}));
  return [what, paths_of] {
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
