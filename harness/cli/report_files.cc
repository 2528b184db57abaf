#include "harness/cli/report_files.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "harness/cli/report_tools.h"
#include "harness/evidence/record/run_files.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> pictures_in(const fs::path& folder) {
  std::vector<std::string> pictures;
  if (!fs::is_directory(folder / "pictures")) return pictures;
  for (const auto& entry : fs::directory_iterator(folder / "pictures")) {
    if (entry.path().extension() == ".png")
      pictures.push_back("pictures/" + entry.path().filename().string());
  }
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

// The titles of a run's scenarios, by the names that its cells begin with.
std::map<std::string, std::string> titles_of(const nlohmann::ordered_json& run) {
  std::map<std::string, std::string> titles;
  for (const auto& scenario : run.value("scenarios", nlohmann::ordered_json::array())) {
    const auto& content = scenario.at("content");
    const fs::path path = scenario.at("path").get<std::string>();
    titles[content.value("name", path.stem().string())] = content.value("title", std::string{});
  }
  return titles;
}

bool holds_field_reports(const nlohmann::ordered_json& run) {
  for (const auto& scenario : run.value("scenarios", nlohmann::ordered_json::array())) {
    if (scenario.at("content").contains("field")) return true;
  }
  return false;
}

// Null for a run of no field reports, or where the table cannot be made.
nlohmann::ordered_json field_of(const nlohmann::ordered_json& run, const fs::path& folder) {
  const auto text = holds_field_reports(run) ? field_table_of(folder) : std::nullopt;
  return text ? nlohmann::ordered_json::parse(*text) : nlohmann::ordered_json();
}

}  // namespace

report::Sources sources_of(const fs::path& run_folder) {
  const nlohmann::ordered_json run = record::read_run(run_folder);
  return {pictures_in(run_folder), titles_of(run), field_of(run, run_folder)};
}

mode_t report_mode(report::Names names) {
  return names == report::Names::redacted ? os::kSharedFile : os::kOwnersFile;
}

fs::path write_markdown(const os::RunFolder& folder, const nlohmann::ordered_json& summary,
                        const report::Sources& sources, report::Names names) {
  folder.replace_file("report.md", report::report_markdown(summary, sources, names), report_mode(names));
  return folder.path() / "report.md";
}

}  // namespace walsoak::cli
