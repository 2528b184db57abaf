#include "harness/report/answer/raw.h"

#include <fmt/format.h>

#include "harness/report/answer/answer.h"
#include "harness/report/blocks/deaths.h"
#include "harness/report/blocks/pace.h"
#include "harness/report/blocks/watched.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"
#include "harness/report/text/shared_lines.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kLongestRule = 1500;
constexpr std::size_t kErrorsOfACell = 5;

std::string lines_details(const char* title, const std::vector<std::string>& lines, std::size_t most_lines) {
  return lines.empty() ? "" : details(title, bullets(lines, most_lines));
}

std::string rules_details(const Json& summary, std::size_t most_lines) {
  std::vector<std::string> rules = finding_sentences(summary);
  for (std::string& sentence : mechanism_sentences(summary)) rules.push_back(std::move(sentence));
  for (std::string& rule : rules) rule = clipped(rule, kLongestRule);
  return lines_details("Under which conditions each finding and mechanism was seen", rules, most_lines);
}

std::vector<std::string> evidence_of_cells(const Json& summary) {
  SharedLines lines;
  for (const Json& cell : summary.at("cells")) {
    lines.add(cell, strings(cell.value("evidence", Json::array())));
    for (const Json& mechanism : cell.value("mechanisms", Json::array())) {
      lines.add(cell, fmt::format("{}: {}", shown(mechanism.at("name")), shown(mechanism.at("evidence"))));
    }
  }
  return lines.lines();
}

std::vector<std::string> errors_of_cells(const Json& summary) {
  SharedLines lines;
  for (const Json& cell : summary.at("cells")) lines.add(cell, errors_text(cell, kErrorsOfACell));
  return lines.lines();
}

std::vector<std::string> deaths_of_cells(const Json& summary) {
  SharedLines lines;
  for (const Json& cell : summary.at("cells")) {
    if (const std::string deaths = deaths_text(cell); !deaths.empty()) lines.add(cell, deaths);
  }
  return lines.lines();
}

std::vector<std::string> remarks_of_ledgers(const Json& summary) {
  SharedLines lines;
  for (const Json& cell : summary.at("cells")) {
    const Json ledgers = cell.value("ledgers", Json::object());
    lines.add(cell, strings(ledgers.value("remarks", Json::array())));
  }
  return lines.lines();
}

}  // namespace

std::string all_cells_details(const std::vector<ScenarioCells>& scenarios, std::size_t most_rows) {
  std::string text;
  std::size_t left = most_rows;
  for (const ScenarioCells& scenario : scenarios) {
    if (left == 0) {
      text += "\nThe cells of further scenarios stand in `summary.json`.\n";
      break;
    }
    if (!scenario.name.empty()) text += fmt::format("{}**{}**\n\n", text.empty() ? "" : "\n", scenario.name);
    text += cells_table(scenario, left);
    left -= std::min(left, scenario.cells.size());
  }
  return details("Every cell", text);
}

std::vector<std::string> reason_lines(const Json& summary) {
  SharedLines lines;
  for (const Json& cell : summary.at("cells")) {
    const std::string verdict = cell.value("verdict", std::string{});
    for (const std::string& reason : strings(cell.value("reasons", Json::array()))) {
      lines.add(cell, fmt::format("{}, {}", verdict, reason));
    }
  }
  return lines.lines();
}

std::string raw_details(const Json& summary, std::size_t most_lines) {
  const std::string evidence =
      lines_details("Evidence of every cell", evidence_of_cells(summary), most_lines);
  if (is_watch(summary)) return evidence;  // nothing was set, and the kernel's ledger stands alone
  const std::string ledgers = lines_details(
      "Where the three ledgers part: what connections, SQLite's VFS and the kernel count agrees at every "
      "quiet "
      "sample, but for",
      remarks_of_ledgers(summary), most_lines);
  std::string text;
  for (const std::string& part :
       {rules_details(summary, most_lines), evidence,
        lines_details("Errors of steps, the most frequent first", errors_of_cells(summary), most_lines),
        lines_details("Processes that died without an order", deaths_of_cells(summary), most_lines),
        lines_details("Why verdicts are not pass", reason_lines(summary), most_lines), ledgers}) {
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  }
  return text;
}

std::string controls_details(const Json& summary, std::size_t most_lines) {
  std::vector<std::string> lines;
  for (const Json& cell : summary.at("cells")) {
    const Json control_of = cell.value("control_of", Json());
    if (control_of.is_null()) continue;
    lines.push_back(fmt::format("{} is the control of {} ({}): finding {}, verdict {}.", name_of(cell),
                                shown(control_of), settings_text(cell), cell.value("finding", std::string{}),
                                cell.value("verdict", std::string{})));
  }
  return lines_details("Controls of the run", lines, most_lines);
}

std::string words_details(const Json& summary) {
  if (is_watch(summary)) return details("Words", bullets(watch_words(), 100));
  std::vector<std::string> words{
      "**cell**: one value for every setting, run in processes of its own on boards of its own. **board**: "
      "one "
      "SQLite file. **control**: the cell that differs in one value; where a control of the run (`*`) does "
      "not "
      "pass, every verdict is unknown.",
      "**finding**: what was seen, the first that holds of data loss (acknowledged commits are missing, or a "
      "file "
      "is not sound), wedged (the last 3 passes over a board all failed), leak (descriptors grew in both "
      "halves "
      "after warm-up), bounded growth (not in the last half), churn (the -wal is unlinked again and again), "
      "clean. **verdict**: the finding against what the scenario expects. **unknown**: the data cannot tell.",
      "**scope**: which actors of the process go through the strategy: the dispatcher alone, or all of them. "
      "**last close**: a close after which SQLite unlinks -wal and -shm. **growth main/wal/shm**: "
      "descriptors on "
      "the three files at the last sample minus those after warm-up; **parked** ones, which SQLite keeps for "
      "reuse, are taken off main.",
      "**mechanism**: a named cause, told by its signature in three ledgers: connections as the program "
      "counts "
      "them, files as SQLite's VFS does, descriptors as the kernel does."};
  if (any_lockstep(summary))
    words.emplace_back("**lockstep**: one conductor orders every step, one at a time.");
  return details("Words", bullets(words, words.size()));
}

}  // namespace walsoak::report
