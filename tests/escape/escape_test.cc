// Hostile names in each medium; harmless text stays as it is.
#include "harness/base/escape/escape.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <memory>

#include "harness/base/escape/terminal.h"
#include "tests/escape/hostile.h"

namespace walsoak::escape {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::hostile_names;

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// What is left where character references, which are never marks, are taken out.
std::string without_references(std::string text) {
  for (std::size_t at = 0; (at = text.find('&', at)) != std::string::npos;) {
    const std::size_t end = text.find(';', at);
    EXPECT_NE(end, std::string::npos) << text;
    if (end == std::string::npos) break;
    text.erase(at, end + 1 - at);
  }
  return text;
}

TEST(Visible, SpellsOutWhatCannotBeSeen) {
  EXPECT_EQ(visible("a\x1b[31m\n\r\t\x7f"), "a\\x1b[31m\\n\\r\\t\\x7f");
  EXPECT_EQ(visible(std::string("\0", 1)), "\\x00");
  EXPECT_EQ(visible("\xe2\x80\xae|\xc2\x9b|\xf3\xa0\x81\x81"), "\\u202e|\\u009b|\\U000e0041");
  EXPECT_EQ(visible("\xff|\xc0\xaf|\xed\xa0\x80|\xe2\x82"), "\\xff|\\xc0\\xaf|\\xed\\xa0\\x80|\\xe2\\x82");
  EXPECT_EQ(visible("x##[error]y"), "x#\\x23[error]y");
  EXPECT_EQ(visible_lines("a\nb\r\n"), "a\nb\\r\n");
}

TEST(Visible, LeavesTextAlone) {
  const std::string text = "R&D's gateway.*--port 80 | \\n \xc3\xa9\xe6\x97\xa5\xf0\x9f\x94\x92\xef\xb8\x8f";
  EXPECT_EQ(visible(text), text);
}

TEST(Visible, IsOneLineOfItselfForAnyName) {
  for (const std::string& name : hostile_names()) {
    const std::string text = visible(name);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_EQ(visible(text), text);
    EXPECT_EQ(Json(text).dump(), Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
  }
}

TEST(Visible, TakesEveryStringAndKeyOfADocument) {
  EXPECT_EQ(visible_document({{"a\n", {"\x1b", 1, nullptr, {{"b\r", "\t"}}}}}),
            Json({{"a\\n", {"\\x1b", 1, nullptr, {{"b\\r", "\\t"}}}}}));
}

TEST(Markdown, HoldsNoMarkOfAName) {
  for (const std::string& name : hostile_names()) {
    for (const std::string& text : {markdown(name), markdown("x " + name), markdown(name + " x")}) {
      const std::string rest = without_references(text);
      EXPECT_EQ(rest.find_first_of("`*[]|<\\$\n"), std::string::npos) << text;
      EXPECT_EQ(rest.find("~~"), std::string::npos) << text;
      for (const char* link : {"://", "www.", "@o", "@e", "b#3", "GH-2"}) {
        EXPECT_EQ(text.find(link), std::string::npos) << text;
      }
      EXPECT_EQ(std::string(">-=+ ").find(rest.empty() ? 'x' : text.front()), std::string::npos) << text;
      EXPECT_EQ(visible(text), text);
    }
  }
  EXPECT_EQ(markdown("# heading"), "&#35; heading");
  EXPECT_EQ(markdown("12. item"), "12&#46; item");
  EXPECT_EQ(markdown("<b>&lt;"), "&lt;b>&amp;lt;");
  EXPECT_EQ(markdown("@a #1"), "@&#8203;a #&#8203;1");
}

TEST(Markdown, LeavesWordsAlone) {
  for (const char* text : {"header_check = raw", "main 5 -> 9 (p50 +3 %)", "~/x.db, see ~/y", "-1", "-shm",
                           "1.5 s", "sqlite.worker", "a - b", "C# and x#y"}) {
    EXPECT_EQ(markdown(text), text);
  }
}

TEST(Markdown, ACodeSpanHasMoreTicksThanItsText) {
  EXPECT_EQ(markdown_code("run-1"), "`run-1`");
  EXPECT_EQ(markdown_code("a``b\n"), "```a``b\\n```");
  EXPECT_EQ(markdown_code("`"), "`` ` ``");
  EXPECT_EQ(markdown_target("pictures/a b](x).png"), "pictures/a%20b%5D%28x%29.png");
}

TEST(Xml, HoldsNothingThatXmlDoesNotAllow) {
  EXPECT_EQ(xml("a < b & c ]]> \"d\"\r\n"), "a &lt; b &amp; c ]]&gt; &quot;d&quot;\\r\n");
  EXPECT_EQ(xml_attribute("a\nb"), "a&#10;b");
  for (const std::string& name : hostile_names()) {
    for (const std::string& text : {xml(name), xml_attribute(name), html(name)}) {
      EXPECT_EQ(without_references(text).find_first_of("<>\"&"), std::string::npos) << text;
      EXPECT_EQ(visible_lines(text), text);
    }
  }
}

TEST(Workflow, NothingEndsAPropertyOrAMessage) {
  EXPECT_EQ(workflow_message("100 %\n::x, y"), "100 %25%0A::x, y");
  EXPECT_EQ(workflow_property("a,b:c%"), "a%2Cb%3Ac%25");
  for (const std::string& name : hostile_names()) {
    EXPECT_EQ(workflow_property(name).find_first_of(":,\n\r"), std::string::npos);
    EXPECT_EQ(workflow_message(name).find_first_of("\n\r"), std::string::npos);
  }
}

TEST(JsonForATerminal, IsAsciiAndTheSameJson) {
  for (const std::string& name : hostile_names()) {
    const std::string text = json({{name, name}});
    EXPECT_TRUE(is_printable_ascii(text)) << text;
    EXPECT_THAT(text, Not(HasSubstr("##[")));
    EXPECT_EQ(Json::parse(text),
              Json::parse(Json({{name, name}}).dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  EXPECT_EQ(json_lines("{\"a\":\"\xc3\xa9\xf0\x9f\x94\x92\xff\"}\n"),
            "{\"a\":\"\\u00e9\\ud83d\\udd12\\ufffd\"}\n");
}

class PrintTest : public testing::Test {
 protected:
  std::string written() {
    std::rewind(out_.get());
    std::string text(1 << 16, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), out_.get()));
    return text;
  }
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out_{std::tmpfile(), std::fclose};
};

TEST_F(PrintTest, ANameAddsNoLineAndNoCommand) {
  for (const std::string& name : hostile_names()) print(out_.get(), "{}\n", name);
  const std::string text = written();
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), hostile_names().size());
  EXPECT_EQ(visible_lines(text), text);
  EXPECT_THAT(text, Not(HasSubstr("##[")));
  for (std::size_t at = 0; at != std::string::npos; at = text.find('\n', at + 1)) {
    const std::size_t first = text.find_first_not_of("\n \xe2\x80\x83", at);
    EXPECT_NE(text.substr(std::min(first, text.size()), 2), "::") << text.substr(at, 20);
  }
}

TEST_F(PrintTest, LinesAndNumbersAreKeptAndCommandsCome) {
  print(out_.get(), "{:>4}{:<4}|{}", 7, "x\n", Lines{"a\nb\x1b\n"});
  print_command(out_.get(), "::error title=x::y");
  EXPECT_EQ(written(), "   7x\\n |a\nb\\x1b\n::error title=x::y\n");
}

TEST_F(PrintTest, TextIsCutBetweenCharacters) {
  EXPECT_EQ(cut("a\xc3\xa9"
                "b",
                2),
            "a\xc3\xa9");
  EXPECT_EQ(cut("ab", 2), "ab");
  EXPECT_EQ(cut("ab", 0), "");
}

}  // namespace
}  // namespace walsoak::escape
