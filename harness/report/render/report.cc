#include "harness/report/render/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/escape/escape.h"
#include "harness/evidence/record/redact.h"
#include "harness/report/answer/answer.h"
#include "harness/report/answer/fixes.h"
#include "harness/report/answer/headline.h"
#include "harness/report/answer/multi_scenario.h"
#include "harness/report/answer/raw.h"
#include "harness/report/blocks/deaths.h"
#include "harness/report/blocks/field.h"
#include "harness/report/blocks/pace.h"
#include "harness/report/blocks/pictures.h"
#include "harness/report/blocks/provenance.h"
#include "harness/report/blocks/repeats.h"
#include "harness/report/blocks/repros.h"
#include "harness/report/blocks/subjects.h"
#include "harness/report/blocks/watched.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"
#include "harness/report/text/privacy.h"
#include "harness/report/text/repeatable.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kLongestTitle = 200;
constexpr std::size_t kLongestQuestion = 1500;
constexpr std::size_t kLongestAnswer = 1200;
constexpr std::size_t kMostReasonsFirst = 3;   // of verdicts, in the first lines
constexpr std::size_t kMostDeathsFirst = 4;    // cells whose deaths the first lines tell
constexpr std::size_t kMostCellsInTable = 24;  // more are told by outcome, and each of them as raw data

// How much a report takes of each kind; the first that fits a post is taken.
struct Budget {
  std::size_t pictures;
  std::size_t rows;     // of a table
  std::size_t lines;    // of a list of raw data
  std::size_t scripts;  // in full
};
constexpr std::size_t kAll = 1'000'000;
constexpr Budget kWhole{kAll, kAll, kAll, kAll};
constexpr Budget kOfAPost[] = {{kMostPictures, 1000, 400, 12}, {kMostPictures, 1000, 120, 12},
                               {kMostPictures, 1000, 60, 4},   {kMostPictures, 400, 40, 4},
                               {kMostPictures, 120, 40, 3},    {kMostPictures, 60, 24, 2},
                               {kMostPictures, 30, 16, 1},     {kMostPictures, 15, 8, 1},
                               {kMostPictures, 8, 4, 0},       {kMostPictures, 4, 2, 0}};

std::string opening(const Json& summary, const std::string& answer,
                    const std::vector<std::string>& evidence) {
  std::string text =
      fmt::format("# {}\n", clipped(summary.value("title", std::string("A run of walsoak")), kLongestTitle));
  std::string question = summary.value("question", std::string{});
  if (question.empty() && is_watch(summary)) {
    question = "What becomes of the descriptors that this process holds on SQLite databases?";
  }
  if (!question.empty()) text += fmt::format("\n**Question.** {}\n", clipped(question, kLongestQuestion));
  text += fmt::format("\n**Answer. {}**\n", clipped(answer, kLongestAnswer));
  if (!evidence.empty()) text += "\n" + bullets(evidence, evidence.size());
  return text;
}

std::string verdict_part(const Json& summary) {
  std::string text = "\n" + verdict_sentence(summary) + "\n";
  std::vector<std::string> reasons = reason_lines(summary);
  if (reasons.empty()) return text;
  const std::size_t more = reasons.size() - std::min(reasons.size(), kMostReasonsFirst);
  reasons.resize(reasons.size() - more);
  if (more > 0) reasons.push_back(fmt::format("and {} more, under raw data", more));
  return text + "\n" + bullets(reasons, reasons.size());
}

// The question of a run of several scenarios is none of theirs.
Json titled(const Json& summary, const Sources& sources, std::size_t scenarios) {
  Json result = summary;
  if (scenarios < 2 || is_watch(summary)) return result;
  const bool field = !sources.field.is_null();
  result["title"] =
      field ? "Field reports, put to the test" : fmt::format("{} scenarios in one run", scenarios);
  result["question"] =
      field ? "Do the numbers that people reported come about where nothing but the conditions that "
              "they state is set, and what cures them?"
            : "Each scenario asks one of its own: see the table.";
  return result;
}

// Limits of the answer: from the whole summary, in which repeats are cells of their own.
struct Caveats {
  std::string missed_slots;
  std::vector<std::string> lines;  // Markdown
};

Caveats caveats_of(const Json& whole) {
  Caveats caveats{missed_slots_sentence(whole), death_lines(whole, kMostDeathsFirst)};
  for (const std::string& sentence : disagreements(whole)) caveats.lines.push_back(sentence);
  return caveats;
}

std::string run_opening(const Json& summary, const Sources& sources,
                        const std::vector<ScenarioCells>& scenarios, const Caveats& caveats) {
  std::string answer = field_answer(sources.field);
  std::vector<std::string> evidence;
  if (scenarios.size() > 1) {
    if (answer.empty()) answer = several_answer(summary, scenarios);
  } else {
    answer = fixes_answer(summary);
    if (answer.empty()) answer = answer_text(summary);
    evidence = evidence_lines(summary);
  }
  if (std::string mechanisms = mechanisms_line(summary); !mechanisms.empty()) evidence.push_back(mechanisms);
  evidence.insert(evidence.end(), caveats.lines.begin(), caveats.lines.end());
  if (!caveats.missed_slots.empty()) {
    const std::size_t room = kLongestAnswer - std::min(kLongestAnswer, caveats.missed_slots.size() + 1);
    answer = clipped(answer, room) + " " + caveats.missed_slots;
  }
  return opening(summary, answer, evidence) + verdict_part(summary);
}

// The table that answers the question: by fix, by scenario, by outcome or cell by cell.
std::string comparison(const Json& summary, const Sources& sources,
                       const std::vector<ScenarioCells>& scenarios, const Budget& budget) {
  if (scenarios.size() > 1) {
    const std::string field = field_section(sources.field, budget.rows);
    return field.empty() ? scenarios_section(scenarios, sources.titles, budget.rows) : field;
  }
  if (std::string fixes = fixes_section(summary, budget.rows); !fixes.empty()) return fixes;
  if (scenarios.empty()) return {};
  if (summary.at("cells").size() > kMostCellsInTable) {
    return "## What was found where\n\n" + outcomes_table(scenarios.front(), budget.rows);
  }
  return "## Cells\n\n" + cells_table(scenarios.front(), budget.rows);
}

bool shows_every_cell(const Json& summary, const std::vector<ScenarioCells>& scenarios) {
  return scenarios.size() == 1 && summary.at("cells").size() <= kMostCellsInTable &&
         fix_table(summary).rows.empty();
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  }
  return text;
}

std::string raw_section(const Json& summary, const Gallery& gallery, const std::string& tables,
                        const Budget& budget) {
  return "## Raw data\n\n" + joined({tables, raw_details(summary, budget.lines),
                                     details("Further pictures", other_pictures(gallery)),
                                     environment_details(summary), words_details(summary)});
}

// What stands before the scripts and after them. A user's name may be a word of a script: these are not
// redacted.
struct Halves {
  std::string before, after;
};

Halves halves_of_run(const Json& summary, const Sources& sources, const Budget& budget,
                     const Caveats& caveats) {
  const std::vector<ScenarioCells> scenarios = scenarios_of(summary);
  const Json headed = titled(summary, sources, scenarios.size());
  const Gallery gallery = chosen_pictures(summary, sources.pictures, budget.pictures);
  const std::string tables =
      joined({shows_every_cell(summary, scenarios) ? "" : all_cells_details(scenarios, budget.rows),
              controls_details(summary, budget.lines)});
  return {joined({run_opening(headed, sources, scenarios, caveats),
                  comparison(summary, sources, scenarios, budget), data_section(summary, budget.rows),
                  pace_section(summary, budget.rows), subjects_section(summary, budget.lines),
                  pictures_section(gallery), repeat_section(summary)}),
          joined({limits_section(summary), raw_section(summary, gallery, tables, budget)})};
}

Halves halves_of_watch(const Json& summary, const Sources& sources, const Budget& budget) {
  const Gallery gallery = chosen_pictures(summary, sources.pictures, budget.pictures);
  return {joined({opening(summary, watch_answer(summary), watch_lines(summary)),
                  segments_section(summary, budget.rows), databases_section(summary, budget.rows),
                  pictures_section(gallery), repeat_section(summary)}),
          joined({watch_limits_section(summary), raw_section(summary, gallery, "", budget)})};
}

// The opening and the comparison alone.
std::string brief(const Json& whole, const Budget& budget) {
  const Json summary = folded(whole);
  if (is_watch(summary)) {
    return joined({opening(summary, watch_answer(summary), watch_lines(summary)),
                   segments_section(summary, budget.rows), databases_section(summary, budget.rows)});
  }
  const std::vector<ScenarioCells> scenarios = scenarios_of(summary);
  const Sources none;
  return joined({run_opening(titled(summary, none, scenarios.size()), none, scenarios, caveats_of(whole)),
                 comparison(summary, none, scenarios, budget)});
}

std::string assembled(const Json& whole, const Sources& sources, const Budget& budget) {
  const Json summary = folded(whole);
  Halves halves = is_watch(summary) ? halves_of_watch(summary, sources, budget)
                                    : halves_of_run(summary, sources, budget, caveats_of(whole));
  halves.after +=
      fmt::format("\nRun {}, walsoak {}.\n", escape::markdown_code(summary.value("run", std::string{})),
                  summary.value("walsoak", std::string{}));
  return joined({halves.before, repros_section(summary, budget.scripts), halves.after});
}

// Redacts and escapes what a report is made of. Redacts first: an escaped name is not found.
class ForMarkdown {
 public:
  ForMarkdown(const Json& summary, Names names)
      : redacts_(names == Names::redacted),
        identity_(record::identity_of(summary.value("environment", Json::object()))) {}

  Json operator()(const Json& value) const { return escape::markdown_document(open(value)); }
  std::string operator()(const std::string& text) const {
    return escape::markdown(open(text).get<std::string>());
  }

  Json summary(const Json& stored) const {
    const Json shown = open(redacts_ ? without_private_names(stored) : stored);
    Json result = escape::markdown_document(shown);
    // These two stand in code, where a character reference is text.
    for (const char* key : {"command", "run"}) {
      if (shown.contains(key)) result[key] = escape::visible_document(shown.at(key));
    }
    return result;
  }

  Sources sources(const Sources& given) const {
    Sources result{given.pictures, {}, (*this)(given.field)};
    // Their names hold those of cells; where one goes into the text it is escaped (pictures.cc).
    for (std::string& picture : result.pictures) picture = open(picture).get<std::string>();
    for (const auto& [scenario, title] : given.titles) result.titles[(*this)(scenario)] = (*this)(title);
    return result;
  }

 private:
  Json open(const Json& value) const { return redacts_ ? record::redact_json(value, identity_) : value; }

  bool redacts_;
  record::Identity identity_;
};

}  // namespace

std::string report_markdown(const nlohmann::ordered_json& stored, const Sources& given, Names names,
                            std::size_t longest) {
  const ForMarkdown escaped(stored, names);
  const Json summary = escaped.summary(repeatable(stored));
  const Sources sources = escaped.sources(given);
  std::string text;
  if (longest > kLongestReport) {
    text = assembled(summary, sources, kWhole);
    if (text.size() <= longest) return text;
  }
  for (const Budget& budget : kOfAPost) {
    text = assembled(summary, sources, budget);
    if (text.size() <= longest) return text;
  }
  // Names of any length may stand in a summary.
  return clipped(text, longest - 100) + "\n\nCut off here; the rest stands in `summary.json`.\n";
}

std::string brief_markdown(const nlohmann::ordered_json& stored) {
  const Json summary = ForMarkdown(stored, Names::redacted).summary(stored);
  std::string text;
  for (const Budget& budget : kOfAPost) {
    text = brief(summary, budget);
    if (text.size() <= kLongestReport) return text;
  }
  return clipped(text, kLongestReport - 64) + "\n\nThe rest stands in `report.md`.\n";
}

}  // namespace walsoak::report
