// Whole reports, tables, annotations, JUnit files and pages of summaries whose every text is hostile: they
// have the lines and marks of a tame one, and no more.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "harness/base/escape/escape.h"
#include "harness/base/os/run_folder.h"
#include "harness/report/blocks/diagnosis.h"
#include "harness/report/blocks/watched.h"
#include "harness/report/render/actions.h"
#include "harness/report/render/junit.h"
#include "harness/report/render/page.h"
#include "harness/report/render/report.h"
#include "harness/report/render/terminal.h"
#include "tests/escape/hostile.h"
#include "tests/os/sanitized.h"

namespace walsoak::report {
namespace {

namespace fs = std::filesystem;

// The words by which a report goes; another would be another report.
const std::set<std::string> kWordsOfWalsoak = {"finding", "also",   "verdict",  "state", "kind", "outcome",
                                               "mode",    "status", "hostname", "user",  "home"};

Json changed(const Json& value, const std::function<std::string(const std::string&)>& change) {
  if (value.is_string()) return change(value.get<std::string>());
  if (!value.is_structured()) return value;
  Json result = value;
  for (auto& [key, part] : result.items()) {
    if (value.is_array() || !kWordsOfWalsoak.contains(key)) part = changed(part, change);
  }
  return result;
}

// What is left where character references are taken out, and with them the unseen blanks.
std::string without_references(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = text.find(';', at);
    if (text[at] == '&' && end != std::string::npos && end - at < 9) {
      at = end;
    } else {
      result += text[at];
    }
  }
  return result;
}

std::size_t times(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// Nothing but line feeds moves the cursor, and none of them came from a name.
void expect_the_lines_of(const std::string& tame, const std::string& text) {
  EXPECT_EQ(times(text, "\n"), times(tame, "\n"));
  for (const char c : text) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << int{c};
  for (const char* unseen :
       {"\x7f", "\xc2\x85", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\x8b", "\xe2\x80\xa8",
        "\xef\xbb\xbf", "\xf3\xa0\x81\xa1", "\xff", "\xc0", "\xed\xa0"}) {
    EXPECT_EQ(times(text, unseen), 0u);
  }
}

class HostileTest : public testing::TestWithParam<const char*> {
 protected:
  HostileTest()
      : folder_(fs::path(WALSOAK_FIXTURES) / "reports" / GetParam()),
        summary_(Json::parse(os::read_file(folder_ / "summary.json"))),
        beside_(fs::exists(folder_ / "beside.json") ? Json::parse(os::read_file(folder_ / "beside.json"))
                                                    : Json::object()) {}

  // Calls check(hostile summary, hostile sources, tame summary, tame sources) with names before and behind
  // the texts of the summary, a few at once.
  template <typename Check>
  void for_each_name(const Check& check) const {
    constexpr std::size_t kAtOnce = 10;
    const std::vector<std::string>& all = tests::hostile_names();
    for (std::size_t begin = 0; begin < all.size(); begin += kAtOnce) {
      std::string name;
      for (std::size_t i = begin; i < std::min(begin + kAtOnce, all.size()); ++i) name += all[i];
      // What stands before the last dot of a cell's name is its scenario's.
      std::replace(name.begin(), name.end(), '.', '-');
      const auto tame = [](const std::string& text) { return "x" + text + "x"; };
      const auto hostile = [&name](const std::string& text) { return name + text + name; };
      SCOPED_TRACE(Json(name).dump(-1, ' ', true, Json::error_handler_t::replace));
      check(changed(summary_, hostile), sources(hostile), changed(summary_, tame), sources(tame));
      if (HasFailure()) return;
    }
  }

  template <typename Change>
  Sources sources(const Change& change) const {
    Sources made{beside_.value("pictures", std::vector<std::string>{}),
                 {},
                 changed(beside_.value("field", Json()), change)};
    for (const auto& [scenario, title] : beside_.value("titles", std::map<std::string, std::string>{})) {
      made.titles[change(scenario)] = change(title);
    }
    return made;
  }

  const fs::path folder_;
  const Json summary_, beside_;
};

TEST_P(HostileTest, AReportHasTheMarksOfATameOne) {
  for_each_name([](const Json& hostile, const Sources& around, const Json& tame, const Sources& tame_around) {
    const std::string text = report_markdown(hostile, around, Names::redacted, kLongestPage);
    const std::string plain = report_markdown(tame, tame_around, Names::redacted, kLongestPage);
    expect_the_lines_of(plain, text);
    // The command and the run's name stand in code as they are.
    const auto outside = [](std::string all) {
      const std::size_t begin = all.find("```sh\n"), end = all.find("\n```\n", begin);
      if (begin != std::string::npos) all.erase(begin, end - begin);
      all.erase(all.rfind("\nRun "));
      return all;
    };
    const std::string written = outside(text), tame_written = outside(plain);
    const std::string prose = without_references(written), tame_prose = without_references(tame_written);
    for (const char* mark : {"`", "*", "[", "]", "|", "<", "$", "![", "](", "~~"}) {
      EXPECT_LE(times(prose, mark), times(tame_prose, mark)) << mark;  // a clipped text may lack one
    }
    // In front of a quote it is JSON's, of a value that is no text.
    EXPECT_EQ(times(prose, "\\"), times(prose, "\\\""));
    EXPECT_EQ(times(written, "@"), times(written, "@&#8203;"));
    for (const char* link : {"#1,", "GH-2", "b#3", "://"}) {
      EXPECT_EQ(times(written, link), times(tame_written, link)) << link;
    }
  });
}

TEST_P(HostileTest, ATerminalShowsTheLinesOfATameRun) {
  for_each_name([](const Json& hostile, const Sources&, const Json& tame, const Sources&) {
    const auto shown = [](const Json& summary) {
      return is_watch(summary) ? watch_text(summary) : summary_table(summary);
    };
    expect_the_lines_of(shown(tame), shown(hostile));
  });
}

TEST_P(HostileTest, AnnotationsAreALineEach) {
  for_each_name([](const Json& hostile, const Sources&, const Json& tame, const Sources&) {
    const std::vector<std::string> lines = annotations(hostile, "it\nfailed"),
                                   tame_lines = annotations(tame, "it\nfailed");
    ASSERT_EQ(lines.size(), tame_lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      expect_the_lines_of(tame_lines[i], lines[i]);
      const std::size_t title = lines[i].find("title="), end = lines[i].find("::", title);
      EXPECT_EQ(lines[i].substr(title, end - title).find_first_of(",:"), std::string::npos);
      EXPECT_EQ(times(lines[i], "%0A"), times(tame_lines[i], "%0A"));
    }
  });
}

TEST_P(HostileTest, AJunitFileHasTheElementsOfATameOne) {
  for_each_name([](const Json& hostile, const Sources&, const Json& tame, const Sources&) {
    const Json run = {{"run", "r"}, {"scenarios", Json::array()}};
    const std::string text = junit_xml(hostile, run), plain = junit_xml(tame, run);
    expect_the_lines_of(plain, text);
    for (const char* mark : {"<", ">", "\"", "]]>"}) EXPECT_EQ(times(text, mark), times(plain, mark)) << mark;
  });
}

TEST_P(HostileTest, APageHoldsVisibleTextAlone) {
  for_each_name([](const Json& hostile, const Sources& around, const Json& tame, const Sources& tame_around) {
    const auto none = [](const std::string&) { return nullptr; };
    const std::string text = page(hostile, around, Names::redacted, none).dump(1);
    expect_the_lines_of(page(tame, tame_around, Names::redacted, none).dump(1), text);
  });
}

// Under a sanitizer the two kinds that share no section; it is the texts that differ, not the memory.
std::vector<const char*> kinds() {
  if (tests::kSanitized) return {"failing", "watch"};
  return {"failing", "fixes", "several", "field", "watch"};
}

INSTANTIATE_TEST_SUITE_P(Kinds, HostileTest, testing::ValuesIn(kinds()),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(HostileDiagnosisTest, NamesAddNoLine) {
  const auto document = [](const std::string& name) -> Json {
    const Json candidate = {{"name", name},    {"question", 1},          {"seen", name},     {"what", name},
                            {"certain", true}, {"harmless", false},      {"evidence", name}, {"risk", name},
                            {"cures", {name}}, {"does_not_cure", {name}}};
    const Json cell = {{"cell", name},
                       {"subject", {{"command", name}, {"pid", 7}}},
                       {"samples", 2},
                       {"span_s", 1.0},
                       {"ledgers", {name}},
                       {"interrupted", name},
                       {"databases", {{{"name", name}, {"path", name}}}},
                       {"standing", "fits"},
                       {"verdict", name},
                       {"time_left", nullptr},
                       {"consistent_with", Json::array({candidate})},
                       {"seen", {name}},
                       {"ruled_out", {{{"name", name}, {"because", name}}}},
                       {"not_told", {{{"name", name}, {"needs", name}}}},
                       {"do_now", name},
                       {"next_command", name},
                       {"next_why", name},
                       {"remarks", {name}}};
    return {{"cells", Json::array({cell})}};
  };
  for (std::string name : tests::hostile_names()) {
    SCOPED_TRACE(Json(name).dump(-1, ' ', true, Json::error_handler_t::replace));
    // A line is wrapped by its length, at blanks.
    std::replace(name.begin(), name.end(), ' ', '_');
    const std::string tame(escape::visible(name).size(), 'x');
    for (const auto form : {DiagnosisForm::brief, DiagnosisForm::whole})
      expect_the_lines_of(diagnosis_text(document(tame), form), diagnosis_text(document(name), form));
  }
}

}  // namespace
}  // namespace walsoak::report
