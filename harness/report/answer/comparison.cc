#include "harness/report/answer/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "harness/base/escape/escape.h"
#include "harness/evidence/record/redact.h"
#include "harness/report/text/columns.h"
#include "harness/report/text/markdown.h"
#include "harness/report/text/phrases.h"
#include "harness/report/text/privacy.h"

namespace walsoak::report {
namespace {

struct ComparisonRow {
  int rank = 0;  // findings, verdicts, metrics; in each worse, cannot tell, better
  std::string result, cell, what, baseline, other, difference;
};

int rank_of(int kind, std::string_view result) {
  return 3 * kind + (result == "worse" ? 0 : result == "cannot tell" ? 1 : 2);
}

std::string words_text(const Json& words) {
  return words.empty() ? "?" : fmt::format("{}", fmt::join(strings(words), " or "));
}

// "c03 (strategy = persistent)"; what the runs are compared along stands in the heading.
std::string cell_text(const Json& pair, const Json& by) {
  const std::string from = shown(pair.at("baseline").front()), to = shown(pair.at("other").front());
  std::string text = from == to ? from : from + "/" + to;
  std::vector<std::string> values;
  for (const auto& [name, value] : pair.at("differs").items()) {
    if (by != name) values.push_back(fmt::format("{} = {}", name, shown_value(name, value)));
  }
  return values.empty() ? text : fmt::format("{} ({})", text, fmt::join(values, ", "));
}

std::string signed_number(const Json& number) {
  if (number.is_number_integer()) return fmt::format("{:+}", number.get<std::int64_t>());
  const double value = number.get<double>();
  return std::abs(value) < 1e15 && value == std::floor(value) ? fmt::format("{:+.0f}", value)
                                                              : fmt::format("{:+g}", value);
}

std::string difference_text(const Json& row) {
  if (row.at("difference").is_null()) return shown(row.at("reason"));
  std::string text = signed_number(row.at("difference"));
  const double baseline = row.at("baseline").is_number() ? row.at("baseline").get<double>() : 0;
  if (baseline != 0) {
    const double percent = 100 * row.at("difference").get<double>() / std::abs(baseline);
    const bool whole = std::abs(percent) >= 100 && std::abs(percent) < 1e6;
    text += whole ? fmt::format(" ({:+.0f} %)", percent) : fmt::format(" ({:+.3g} %)", percent);
  }
  if (!row.at("low").is_null()) {
    text += fmt::format(" [{} to {}]", signed_number(row.at("low")), signed_number(row.at("high")));
  }
  const std::string reason = shown(row.at("reason"));
  return row.at("reason") == "" ? text : text + "; " + reason;
}

std::vector<ComparisonRow> rows_of(const Json& comparison, const Json& by) {
  std::vector<ComparisonRow> rows;
  for (const Json& pair : comparison.at("pairs")) {
    const std::string cell = cell_text(pair, by);
    const auto add_words = [&](int kind, const char* key) {
      const Json& row = pair.at(key);
      const std::string result = shown(row.at("result"));
      if (result == "same") return;
      rows.push_back({rank_of(kind, result), result, cell, key, words_text(row.at("baseline")),
                      words_text(row.at("other")), row.at("reason") == "" ? "" : shown(row.at("reason"))});
    };
    add_words(0, "finding");
    add_words(1, "verdict");
    if (!pair.at("not_compared").is_null()) {
      rows.push_back(
          {rank_of(2, "cannot tell"), "cannot tell", cell, "metrics", "", "", shown(pair["not_compared"])});
    }
    for (const Json& row : pair.at("metrics")) {
      const std::string result = shown(row.at("result"));
      if (result == "same" || (result == "cannot tell" && !row.at("gates").get<bool>())) continue;
      rows.push_back({rank_of(2, result), result, cell, shown(row.at("metric")), shown(row.at("baseline")),
                      shown(row.at("other")), difference_text(row)});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
  return rows;
}

std::vector<std::string> notes_of(const Json& comparison) {
  std::vector<std::string> notes;
  const auto add = [&](const char* key, const char* what) {
    const Json& texts = comparison.at(key);
    if (!texts.empty()) notes.push_back(fmt::format("{}: {}", what, fmt::join(strings(texts), "; ")));
  };
  add("experiment_differs", "different scenarios");
  add("machine_differs", "different machine or build, so that times and sizes cannot be told");
  add("settings_unknown_to_one", "settings that one build does not have");
  add("only_baseline", "without a partner, of the baseline");
  add("only_other", "without a partner, of the other");
  return notes;
}

std::string heading_of(const Json& comparison, const Json& by) {
  const std::string pairs = fmt::format("{} pair{} of cells", comparison.at("pairs").size(),
                                        comparison.at("pairs").size() == 1 ? "" : "s");
  if (by.is_null()) {
    return fmt::format("{} against {}: {}", shown(comparison.at("other")), shown(comparison.at("baseline")),
                       pairs);
  }
  const std::string axis = by.get<std::string>();
  return fmt::format("{} {} against {}: {}", axis, shown_value(axis, comparison.at("values").at(1)),
                     shown_value(axis, comparison.at("values").at(0)), pairs);
}

std::string run_text(const Json& run) {
  std::string text = fmt::format("{}: {}, walsoak {}, commit {}", shown(run.at("label")),
                                 shown(run.at("run")), shown(run.at("walsoak")), shown(run.at("commit")));
  return run.at("state") == "done" ? text : text + fmt::format(", {}", shown(run.at("state")));
}

std::string closing(const Json& result) {
  std::string text =
      fmt::format("{} worse, {} better, {} the same, {} cannot be told", shown(result.at("worse")),
                  shown(result.at("better")), shown(result.at("same")), shown(result.at("cannot_tell")));
  if (result.at("not_gated") != 0) {
    text += fmt::format(
        "; beside these {} that nobody asked for: times and sizes are told of repeated cells only (walsoak "
        "run "
        "--repeat 5), or are known in no run",
        shown(result.at("not_gated")));
  }
  return text + ".";
}

std::string result_text(const Json& result) {
  const std::string text = shown(result.at("result"));
  return text == "cannot tell" && result.at("worse") != 0
             ? fmt::format("{}; {} worse", text, shown(result.at("worse")))
             : text;
}

std::string method_of(const Json& result) {
  return fmt::format(
      "Counts in lockstep are exact. All else is the shift between the repeats (Hodges-Lehmann) with its "
      "exact {:g} % "
      "interval (Mann-Whitney), and is better or worse where the interval lies wholly beyond {:g} % of the "
      "baseline.",
      100 * result.at("confidence").get<double>(), 100 * result.at("tolerance").get<double>());
}

std::string left_out(std::size_t rows, std::size_t most) {
  return rows > most ? fmt::format("{} more rows; --json has all\n", rows - most) : "";
}

}  // namespace

std::string comparison_text(const Json& made, std::size_t most_rows) {
  const Json result = escape::visible_document(made);
  const Json& by = result.at("by");
  std::string text;
  for (const Json& run : result.at("runs")) text += run_text(run) + "\n";
  for (const Json& comparison : result.at("comparisons")) {
    text += "\n" + heading_of(comparison, by) + "\n";
    for (const std::string& note : notes_of(comparison)) text += "  " + note + "\n";
    const std::vector<ComparisonRow> rows = rows_of(comparison, by);
    std::vector<std::vector<std::string>> lines;
    for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i) {
      const ComparisonRow& row = rows[i];
      const std::string change = row.baseline.empty() ? "" : fmt::format("{} -> {}", row.baseline, row.other);
      lines.push_back({"  " + row.result, row.cell, row.what, change, row.difference});
    }
    if (lines.empty() && !comparison.at("pairs").empty()) text += "  no difference\n";
    if (!lines.empty()) text += aligned(lines);
    text += left_out(rows.size(), most_rows);
  }
  return text +
         fmt::format("\n{}\n{}\nResult: {}\n", closing(result), method_of(result), result_text(result));
}

std::string comparison_markdown(const Json& made, std::size_t most_rows) {
  const Json result = escape::markdown_document(made);
  const Json& by = result.at("by");
  std::string text = fmt::format("## Comparison: {}\n\n{}\n\n", result_text(result), closing(result));
  std::vector<std::string> runs;
  for (const Json& run : result.at("runs")) runs.push_back(run_text(run));
  text += bullets(runs, runs.size());
  for (const Json& comparison : result.at("comparisons")) {
    text += fmt::format("\n### {}\n\n", heading_of(comparison, by));
    std::vector<std::string> notes;
    for (const std::string& note : notes_of(comparison)) notes.push_back(note);
    if (!notes.empty()) text += bullets(notes, notes.size()) + "\n";
    Table table({"result", "cell", "what", "baseline", "other", "difference"});
    const std::vector<ComparisonRow> rows = rows_of(comparison, by);
    for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i) {
      const ComparisonRow& row = rows[i];
      table.add({row.result, row.cell, row.what, row.baseline, row.other, row.difference});
    }
    text += table.empty() ? "No difference.\n" : table.text(most_rows);
    if (const std::string more = left_out(rows.size(), most_rows); !more.empty()) text += "\n" + more;
  }
  return text + "\n" + method_of(result) + "\n";
}

Json redacted_comparison(const Json& comparison, const std::vector<Json>& summaries) {
  Json result = without_private_names(comparison, summaries);
  for (const Json& summary : summaries) {
    result = record::redact_json(result, record::identity_of(summary.value("environment", Json::object())));
  }
  return result;
}

}  // namespace walsoak::report
