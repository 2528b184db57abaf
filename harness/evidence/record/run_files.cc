#include "harness/evidence/record/run_files.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace walsoak::record {
namespace {

using nlohmann::ordered_json;

ordered_json versioned(int version, const ordered_json& content) {
  ordered_json document;
  document["schema_version"] = version;
  for (const auto& [key, value] : content.items()) {
    if (key != "schema_version") document[key] = value;
  }
  return document;
}

void write(const os::RunFolder& folder, const char* name, const ordered_json& document) {
  folder.replace_file(name, document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

// `cure` is what to do where the file is damaged.
ordered_json read(const std::filesystem::path& path, int version, const std::string& cure) {
  const std::string text = os::read_file(path);
  ordered_json content;
  try {
    content = ordered_json::parse(text);
  } catch (const ordered_json::parse_error& error) {
    throw std::runtime_error(
        fmt::format("{}: expected a JSON object, found a file that is damaged at byte {} of {}{}",
                    path.string(), error.byte, text.size(), cure));
  }
  if (!content.is_object()) {
    throw std::runtime_error(
        fmt::format("{}: expected a JSON object, found {}{}", path.string(), content.type_name(), cure));
  }
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
  write(folder, kRunFile, versioned(kRunVersion, said));
}
void write_summary(const os::RunFolder& folder, const ordered_json& summary) {
  write(folder, kSummaryFile, summary_document(summary));
}

ordered_json summary_document(const ordered_json& summary) {
  return versioned(kSummaryVersion, summary);
}

ordered_json read_run(const std::filesystem::path& run_folder) {
  return read(run_folder / kRunFile, kRunVersion, "; without it there is no telling what the streams are of");
}
ordered_json read_summary(const std::filesystem::path& run_folder) {
  const std::filesystem::path path = run_folder / kSummaryFile;
  return read(path, kSummaryVersion,
              fmt::format("; make it anew from the streams: walsoak check {} --json >{}", run_folder.string(),
                          path.string()));
}

}  // namespace walsoak::record
