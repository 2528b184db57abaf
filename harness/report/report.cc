#include "harness/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/record/redact.h"
#include "harness/report/answer.h"
#include "harness/report/cells.h"
#include "harness/report/fixes.h"
#include "harness/report/markdown.h"
#include "harness/report/pace.h"
#include "harness/report/privacy.h"
#include "harness/report/repros.h"
#include "harness/report/subjects.h"
#include "harness/report/surroundings.h"
#include "harness/report/watched.h"

namespace walsoak::report {
namespace {

std::string pictures_section(const std::vector<std::string>& pictures) {
  if (pictures.empty()) return {};
  std::string text = "## Pictures\n";
  for (const std::string& picture : pictures) {
    std::string title = std::filesystem::path(picture).stem().string();
    std::replace_if(
        title.begin(), title.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
    text += fmt::format("\n![{}]({})\n", title, picture);
  }
  return text;
}

std::string title_of(const Json& summary) {
  std::string text = fmt::format("# {}\n", escaped(summary.value("title", std::string("A run of walsoak"))));
  if (const std::string question = summary.value("question", std::string{}); !question.empty()) {
    text += fmt::format("\n*{}*\n", escaped(question));
  }
  return text;
}

std::string opening(const Json& summary) {
  std::string text = title_of(summary);
  for (const std::string& sentence : finding_sentences(summary)) text += "\n" + sentence + "\n";
  text += "\n" + verdict_sentence(summary) + "\n";
  if (const auto mechanisms = mechanism_sentences(summary); !mechanisms.empty()) {
    text += "\nMechanisms that were seen:\n\n" + bullets(mechanisms, mechanisms.size());
  }
  return text;
}

std::string watch_opening(const Json& summary) {
  std::string text = title_of(summary);
  for (const std::string& sentence : watch_sentences(summary)) text += "\n" + sentence + "\n";
  return text;
}

// What a report holds besides its opening.
enum class Extent { full, without_scripts, brief };

std::vector<std::string> watch_sections(const Json& summary, const std::vector<std::string>& pictures,
                                        std::size_t most_rows, Extent extent) {
  if (extent == Extent::brief)
    return {segments_section(summary, most_rows), databases_section(summary, most_rows)};
  return {segments_section(summary, most_rows), databases_section(summary, most_rows),
          evidence_section(summary, most_rows), pictures_section(pictures),
          environment_section(summary),         repeat_section(summary),
          watch_limits_section(summary)};
}

std::vector<std::string> run_sections(const Json& summary, const std::vector<std::string>& pictures,
                                      std::size_t most_rows, Extent extent) {
  if (extent == Extent::brief) {
    return {fixes_section(summary, most_rows), reasons_section(summary, most_rows),
            cells_table(summary, most_rows)};
  }
  return {fixes_section(summary, most_rows),
          data_section(summary, most_rows),
          cells_table(summary, most_rows),
          evidence_section(summary, most_rows),
          reasons_section(summary, most_rows),
          controls_section(summary, most_rows),
          pace_section(summary, most_rows),
          subjects_section(summary, most_rows),
          ledgers_section(summary, most_rows),
          pictures_section(pictures),
          environment_section(summary),
          repeat_section(summary),
          limits_section(summary)};
}

std::string assemble(const Json& summary, const std::vector<std::string>& pictures, std::size_t most_rows,
                     Extent extent, Names names) {
  std::string text = is_watch(summary) ? watch_opening(summary) : opening(summary);
  const auto sections = is_watch(summary) ? watch_sections(summary, pictures, most_rows, extent)
                                          : run_sections(summary, pictures, most_rows, extent);
  for (const std::string& section : sections) {
    if (!section.empty()) text += "\n" + section;
  }
  text += fmt::format("\nRun `{}`, walsoak {}.\n", summary.value("run", std::string{}),
                      summary.value("walsoak", std::string{}));
  if (names == Names::redacted) {
    text = record::redact(text, record::identity_of(summary.value("environment", Json::object())));
  }
  if (extent == Extent::brief) return text;
  // After the redaction: a user's name may be a word of a script.
  if (const std::string scripts = repros_section(summary, extent == Extent::full); !scripts.empty()) {
    text += "\n" + scripts;
  }
  return text;
}

// Tables are cut until it is no longer than kLongestReport, if that is enough.
std::string cut_to_fit(const Json& stored, const std::vector<std::string>& pictures, Extent extent,
                       Names names) {
  const Json summary = names == Names::redacted ? without_private_names(stored) : stored;
  std::size_t most_rows = std::max<std::size_t>(summary.at("cells").size() * 4, 64);
  std::string text = assemble(summary, pictures, most_rows, extent, names);
  // The scripts go first: a command prints them.
  if (extent == Extent::full && text.size() > kLongestReport) {
    extent = Extent::without_scripts;
    text = assemble(summary, pictures, most_rows, extent, names);
  }
  while (text.size() > kLongestReport && most_rows > 4) {
    most_rows /= 2;
    text = assemble(summary, pictures, most_rows, extent, names);
  }
  return text;
}

}  // namespace

std::string report_markdown(const nlohmann::ordered_json& summary, const std::vector<std::string>& pictures,
                            Names names) {
  return cut_to_fit(summary, pictures, Extent::full, names);
}

std::string brief_markdown(const nlohmann::ordered_json& summary) {
  std::string text = cut_to_fit(summary, {}, Extent::brief, Names::redacted);
  if (text.size() <= kLongestReport) return text;
  // Few cells, but with a lot to say: lines are whole, and so are characters.
  const std::size_t end = text.rfind('\n', kLongestReport - 64);
  return text.substr(0, end == std::string::npos ? 0 : end + 1) + "\nThe rest stands in `report.md`.\n";
}

}  // namespace walsoak::report
