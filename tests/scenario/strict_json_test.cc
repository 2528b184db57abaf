#include "harness/model/scenario/strict_json.h"

#include <gtest/gtest.h>

#include "harness/model/scenario/scenario_error.h"
#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

std::string error_in(const std::string& text) {
  try {
    parse_strict(text, "f.json");
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseStrict, KeepsValuesAndTheOrderOfKeys) {
  const std::string text = R"({"z":[1,-2,2.5,"x",true,null,{}],"a":{"c":[[]],"b":""}})";
  EXPECT_EQ(parse_strict(text, "f.json").dump(), text);
}

TEST(ParseStrict, NamesLineAndColumn) {
  EXPECT_EQ(
      error_in("{\"a\": 1,\n \"b\" 2}"),
      "f.json:2:6: syntax error while parsing object separator - unexpected number literal; expected ':'");
  EXPECT_EQ(
      error_in("{\"a\": [1, 2,]}"),
      "f.json:1:13: syntax error while parsing value - unexpected ']'; expected '[', '{', or a literal");
}

TEST(ParseStrict, PointsBehindTheEndOfWhatIsCutOff) {
  EXPECT_EQ(error_in("").substr(0, 12), "f.json:1:1: ");
  EXPECT_EQ(error_in("{\n\n\"a\"").substr(0, 12), "f.json:3:4: ");
}

TEST(ParseStrict, RefusesWhatOtherReadersLetPass) {
  for (const char* text :
       {"{} {}", "{\"a\": NaN}", "{\"a\": 1} // x", "{'a': 1}", "{\"a\": 01}", "{\"a\": 1e999}"}) {
    const std::string error = error_in(text);
    EXPECT_TRUE(error.starts_with("f.json:1:")) << text << " gave " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(ParseStrict, StaysOnOneLine) {
  const std::string error = error_in("{\"a\": \"line\nbreak\"}");
  EXPECT_TRUE(error.starts_with("f.json:1:12: syntax error while parsing value - invalid string")) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(ParseStrict, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(error_in(R"({"a": 1, "b": 2, "a": 3})"),
            "f.json: /a: stands twice in one object; valid: each key once");
  EXPECT_EQ(error_in(R"({"x": [0, {"y": {"k/k": 1, "k/k": 1}}]})"),
            "f.json: /x/1/y/k~1k: stands twice in one object; valid: each key once");
}

TEST(ParseStrict, LetsAKeyStandInSeveralObjects) {
  EXPECT_EQ(error_in(R"([{"a": {"a": 1}}, {"a": 1}])"), "no error");
}

TEST(ParseStrict, RefusesEndlessNesting) {
  EXPECT_NE(error_in(std::string(100000, '[')).find("nested deeper than 32 levels; valid: "),
            std::string::npos);
  EXPECT_EQ(error_in(std::string(32, '[') + std::string(32, ']')), "no error");
}

class ReadStrict : public ScenarioFiles {};

TEST_F(ReadStrict, NamesAFileThatIsNotThere) {
  EXPECT_EQ(error_from([&] { read_strict(folder_ / "none.json"); }),
            "none.json: cannot be read: No such file or directory; valid: a readable JSON file");
}

TEST_F(ReadStrict, RefusesAFolder) {
  EXPECT_EQ(error_from([&] { read_strict(write("d.json/x", "").parent_path()); }),
            "d.json: is a folder; valid: a JSON file");
}

}  // namespace
}  // namespace walsoak::scenario
