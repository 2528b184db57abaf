#include "harness/report/blocks/diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/escape/escape.h"
#include "harness/base/shared/span_text.h"
#include "harness/report/blocks/diagnosis_brief.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kColumns = 100;

// Words wrapped at kColumns; the first line begins with `head`, the others are indented as far as `indent`.
std::string wrapped(const std::string& head, std::size_t indent, const std::string& words) {
  std::string text = head;
  std::size_t column = head.size();
  std::size_t at = 0;
  bool first = true;
  while (at < words.size()) {
    std::size_t end = words.find(' ', at);
    if (end == std::string::npos) end = words.size();
    const std::size_t length = end - at;
    if (!first && column + 1 + length > kColumns) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      text += ' ';
      ++column;
    }
    text.append(words, at, length);
    column += length;
    first = false;
    at = end + 1;
  }
  return text + "\n";
}

std::string subject_line(const Json& cell) {
  std::string title = shown(cell.at("cell"));
  const Json& subject = cell.at("subject");
  if (subject.is_object())
    title += fmt::format(": {} (pid {})", shown(subject.at("command")), shown(subject.at("pid")));
  const auto samples = cell.at("samples").get<std::int64_t>();
  title += fmt::format(", {} {}", samples, samples == 1 ? "sample" : "samples");
  if (const double span = cell.at("span_s").get<double>(); span > 0) title += " over " + span_text(span);
  title += fmt::format("; ledgers: {}", fmt::join(strings(cell.at("ledgers")), ", "));
  if (const auto why = cell.at("interrupted").get<std::string>(); !why.empty())
    title += fmt::format(" ({})", why);
  return title;
}

std::string list_of(const char* label, const Json& items) {
  std::string text;
  for (const Json& item : items) text += wrapped(fmt::format("       {} ", label), 9, shown(item));
  return text;
}

std::string candidates_of(const Json& cell) {
  const Json& candidates = cell.at("consistent_with");
  if (candidates.empty()) return {};
  std::string text = "  Consistent with, in order of fit:\n";
  std::int64_t number = 0;
  for (const Json& candidate : candidates) {
    const bool certain = candidate.at("certain").get<bool>(), harmless = candidate.at("harmless").get<bool>();
    text += wrapped(fmt::format("  {:>2}. {}{}", ++number, shown(candidate.at("name")),
                                certain ? (harmless ? " (named; harmless)" : " (named)")
                                        : (harmless ? " (possible; harmless)" : " (possible)")),
                    6, ": " + shown(candidate.at("evidence")));
    if (const auto risk = candidate.at("risk").get<std::string>(); !risk.empty() && !harmless)
      text += wrapped("       risk: ", 9, risk);
    text += list_of("cures:", candidate.at("cures"));
    text += list_of("does not:", candidate.at("does_not_cure"));
  }
  return text;
}

std::string lines_of(const char* heading, const Json& lines, const char* what) {
  if (lines.empty()) return {};
  std::string text = fmt::format("  {}:\n", heading);
  for (const Json& line : lines)
    text += wrapped("   - ", 5, fmt::format("{}: {}", shown(line.at("name")), shown(line.at(what))));
  return text;
}

std::string left_of(const Json& cell) {
  const Json& left = cell.at("time_left");
  if (left.is_null()) return {};
  const double samples = left.at("samples").get<double>();
  const std::string until = left.at("seconds").is_null()
                                ? fmt::format("about {:.0f} more such samples", samples)
                                : "about " + span_text(left.at("seconds").get<double>());
  return wrapped("  Time left to the limit: ", 4, fmt::format("{} ({})", until, shown(left.at("numbers"))));
}

std::string database_lines(const Json& cell) {
  std::string text;
  for (const Json& database : cell.at("databases")) {
    if (database.contains("path"))
      text += fmt::format("  {}: {}\n", shown(database.at("name")), shown(database.at("path")));
  }
  return text;
}

// Names of tried fixes and of threads that occur in cures, each with its meaning.
std::string words_of(const std::string& text) {
  struct Word {
    const char *name, *meaning;
  };
  constexpr Word kWords[] = {
      {"no-raw-open", "a fix: no open of the file outside SQLite, its header is only looked at by stat"},
      {"lock-guard", "a fix: an open-file-description lock on the main file, which no close takes away"},
      {"close-always", "a fix: every connection is closed where it was opened"},
      {"delete-journal", "a fix: a rollback journal in place of WAL"},
      {"init-close", "a fix: a connect that fails after opening closes its connection"},
      {"skip-wal-pragma", "a fix: PRAGMA journal_mode=WAL only where a database is not in WAL mode"},
      {"wal-safe-close", "a fix: checkpoint and truncate the -wal before each close"},
  };
  std::string lines;
  const auto add = [&lines](const std::string& name, const char* meaning) {
    lines += wrapped("   - ", 5, fmt::format("{}: {}", name, meaning));
  };
  for (const Word& word : kWords)
    if (text.find(word.name) != std::string::npos) add(word.name, word.meaning);
  // "#76700": a number that is long enough for one.
  constexpr std::size_t kDigits = 5;
  for (std::size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at + 1)) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
    if (end - at > kDigits && lines.find(text.substr(at, end - at)) == std::string::npos)
      add(text.substr(at, end - at), "a thread of github.com/NousResearch/hermes-agent");
  }
  if (text.find("reports/") != std::string::npos || text.find("README") != std::string::npos)
    add("README, reports/...", "files of walsoak's repository, with the runs that measured it");
  return lines.empty() ? lines : "  Words:\n" + lines;
}

std::string whole_text(const Json& cell) {
  std::string text = subject_line(cell) + "\n" + database_lines(cell);
  text += wrapped("  ", 2, fmt::format("[{}] {}", shown(cell.at("standing")), shown(cell.at("verdict"))));
  for (const Json& remark : cell.at("remarks")) text += wrapped("  Note: ", 4, shown(remark));
  const std::string candidates = candidates_of(cell);
  text += left_of(cell) + candidates;
  for (const Json& seen : cell.at("seen")) text += wrapped("  Seen: ", 4, shown(seen));
  text += lines_of("Ruled out", cell.at("ruled_out"), "because") +
          lines_of("Not told", cell.at("not_told"), "needs");
  text += wrapped("  Now: ", 4, shown(cell.at("do_now")));
  if (!cell.at("next_command").is_null()) {
    text += fmt::format("  Next: {}\n", shown(cell.at("next_command"))) +
            wrapped("        ", 8, shown(cell.at("next_why")));
  }
  return text + words_of(candidates);
}

}  // namespace

std::string diagnosis_text(const Json& made, DiagnosisForm form) {
  const Json document = escape::visible_document(made);
  std::string text;
  for (const Json& cell : document.at("cells")) {
    if (!text.empty()) text += "\n";
    text += form == DiagnosisForm::whole
                ? whole_text(cell)
                : fmt::format("{} [{}]\n", subject_line(cell), shown(cell.at("standing"))) +
                      database_lines(cell) + brief_lines(cell);
  }
  if (form == DiagnosisForm::brief)
    text += "(--explain: every cause with its numbers and cures, and what is ruled out)\n";
  return text;
}

}  // namespace walsoak::report
