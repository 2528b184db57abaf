#include "harness/model/cells/describe.h"

#include <gtest/gtest.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

class DescribeCells : public ScenarioFiles {};

TEST_F(DescribeCells, IsATableOfWhatDiffers) {
  const Scenario scenario =
      load(R"("title": "T", "matrix": {"strategy": ["noop", "planted-leak"], "boards": [8, 16]},
      "expect": [{"when": {}, "finding": "clean"},
                 {"when": {"strategy": "planted-leak"}, "finding": "leak", "metrics": {"api_open_growth": 6}}])");
  EXPECT_EQ(describe_cells(scenario),
            "s: T\n"
            "4 cells\n"
            "\n"
            "cell  strategy      boards  expected\n"
            "c01   noop          8       clean\n"
            "c02   noop          16      clean\n"
            "c03   planted-leak  8       leak; api_open_growth == 6\n"
            "c04   planted-leak  16      leak; api_open_growth == 6\n");
}

TEST_F(DescribeCells, NoTextAddsALine) {
  const Scenario scenario = load(
      R"("title": "t\n::error::x\u001b[2J", "expect": "any", "settings": {"subject": "python"},
         "matrix": {"module": ["a\nb.py:connect", "c.py:connect"]})");
  EXPECT_EQ(describe_cells(scenario),
            "s: t\\n::error::x\\x1b[2J\n"
            "2 cells\n"
            "\n"
            "cell  module           expected\n"
            "c01   a\\nb.py:connect  any\n"
            "c02   c.py:connect     any\n"
            "\n"
            "runs the Python function: a\\nb.py:connect (needs --allow-exec)\n"
            "\n"
            "runs the Python function: c.py:connect (needs --allow-exec)\n");
}

TEST_F(DescribeCells, TellsFaultsInWords) {
  const Scenario scenario = load(
      R"("settings": {"boards": 2}, "expect": "any",
         "matrix": {"faults": [[], [{"fault": "replace-board", "at_tick": 8, "board": "b01"}]]})");
  EXPECT_EQ(describe_cells(scenario),
            "s: s\n"
            "2 cells\n"
            "\n"
            "cell  faults                expected\n"
            "c01   none                  any\n"
            "c02   replace-board b01 @8  any\n");
}

TEST_F(DescribeCells, ShowsControls) {
  const Scenario scenario =
      load(R"("settings": {"header_check": "raw"}, "control": {"header_check": "off"}, "expect": "any")");
  EXPECT_EQ(describe_cells(scenario),
            "s: s\n"
            "2 cells\n"
            "\n"
            "cell  header_check  control of  expected\n"
            "c01   raw           -           any\n"
            "c02   off           c01         any\n");
}

TEST_F(DescribeCells, NamesTheCodeThatIsNotWalsoaks) {
  const Scenario module =
      load(R"("expect": "any", "settings": {"subject": "python", "module": "a.py:connect"},
      "matrix": {"boards": [1, 2]})");
  EXPECT_EQ(foreign_code(module.cells[0].settings), "the Python function: a.py:connect");
  const std::string text = describe_cells(module);
  EXPECT_NE(text.find("any\n\nruns the Python function: a.py:connect (needs --allow-exec)\n"),
            std::string::npos)
      << text;
  const Scenario command =
      load(R"("expect": "any", "settings": {"subject": "exec", "exec_command": "node a.js"})");
  EXPECT_EQ(foreign_code(command.cells[0].settings), "the command: node a.js");
  EXPECT_EQ(foreign_code(load("").cells[0].settings), "");
}

TEST_F(DescribeCells, SaysHowOftenCellsAreRepeated) {
  const std::string text = describe_cells(load(""), 3);
  EXPECT_NE(text.find("1 cell, each 3 times: 3 blocks of every cell once, in an order drawn by the seed\n"),
            std::string::npos)
      << text;
}

TEST_F(DescribeCells, KnowsASingleCell) {
  EXPECT_EQ(describe_cells(load("")),
            "s: s\n"
            "1 cell\n"
            "\n"
            "cell  expected\n"
            "c01   clean or churn\n");
}

}  // namespace
}  // namespace walsoak::scenario
