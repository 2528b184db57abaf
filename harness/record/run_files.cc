#include "harness/record/run_files.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace walsoak::record {
namespace {

using nlohmann::ordered_json;

void write(const os::RunFolder& folder, const char* name, int version, const ordered_json& content) {
  ordered_json versioned;
  versioned["schema_version"] = version;
  for (const auto& [key, value] : content.items()) {
    if (key != "schema_version") versioned[key] = value;
  }
  folder.replace_file(name, versioned.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

ordered_json read(const std::filesystem::path& path, int version) {
  ordered_json content = ordered_json::parse(os::read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!content.is_object()) throw std::runtime_error(path.string() + ": no JSON object");
  const ordered_json found = content.value("schema_version", ordered_json());
  if (found != version) {
    throw std::runtime_error(fmt::format("{}: schema_version {}, but this program reads {}", path.string(),
                                         found.dump(), version));
  }
  return content;
}

}  // namespace

void write_run(const os::RunFolder& folder, const ordered_json& run) {
  ordered_json said{{"holds", "names and paths of this machine; report.md has them taken out"}};
  said.update(run);
  write(folder, kRunFile, kRunVersion, said);
}
void write_summary(const os::RunFolder& folder, const ordered_json& summary) {
  write(folder, kSummaryFile, kSummaryVersion, summary);
}

ordered_json read_run(const std::filesystem::path& run_folder) {
  return read(run_folder / kRunFile, kRunVersion);
}
ordered_json read_summary(const std::filesystem::path& run_folder) {
  return read(run_folder / kSummaryFile, kSummaryVersion);
}

}  // namespace walsoak::record
