#include "harness/report/blocks/field.h"

#include <fmt/format.h>

#include <vector>

#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

// "length of the series: 12 / 12, slope: 3 / 5 (does not fit)" of the quantities that were stated, or of the
// one that was not.
std::string beside(const Json& thread, bool second) {
  std::string text;
  for (const Json& row : thread.at("rows")) {
    if (row.at("second").get<bool>() != second) continue;
    text += fmt::format("{}{}: {} / {}{}", text.empty() ? "" : "; ", shown(row.at("what")),
                        shown(row.at("reported")), shown(row.at("measured")),
                        row.at("fits").get<bool>() ? "" : " (does not fit)");
  }
  return text;
}

std::string cure_text(const Json& thread) {
  const Json finding = thread.at("finding_cured");
  return finding.is_null() ? shown(thread.at("cure")) + ": not tried"
                           : fmt::format("{}: {}", shown(thread.at("cure")), shown(finding));
}

}  // namespace

std::string field_answer(const Json& field) {
  if (field.is_null()) return {};
  std::size_t fully = 0, partly = 0, all = 0;
  for (const Json& thread : field.at("threads")) {
    ++all;
    fully += thread.at("status") == "reproduced" ? 1 : 0;
    partly += thread.at("status") == "partly" ? 1 : 0;
  }
  return fmt::format("Of {} field reports {} are reproduced in full, {} in part and {} not.", all, fully,
                     partly, all - fully - partly);
}

std::string field_section(const Json& field, std::size_t most_rows) {
  if (field.is_null()) return {};
  Table table({"thread", "reproduced", "reported / measured", "second quantity, reported / measured",
               "mechanism", "cure: finding with it"});
  std::vector<std::string> tried;
  for (const Json& thread : field.at("threads")) {
    const std::string name = shown(thread.at("thread"));
    table.add({name, shown(thread.at("status")), beside(thread, false), beside(thread, true),
               shown(thread.at("mechanisms")), cure_text(thread)});
    tried.push_back(
        fmt::format("{}: {}. Tried: {}", name, shown(thread.at("reported")), shown(thread.at("tried"))));
  }
  return "## Reported beside measured\n\nNothing but the conditions that a thread states was set: boards, "
         "interval, "
         "limit, threads, versions, duration; a leak rate is never an input. A thread is reproduced where "
         "every "
         "quantity fits, the second one, which nobody tuned, included. `scripts/field-report` says for each "
         "number which cell it is of and what would have fitted.\n\n" +
         table.text(most_rows) + "\n" +
         details("What the threads reported, and what was tried", bullets(tried, most_rows));
}

}  // namespace walsoak::report
