// board.sql as it is compiled in: every section is there, is its file's text, and is SQL that fits the
// schema.
#include "harness/boards/board/statements.h"

#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

std::vector<std::string> section_names() {
  constexpr std::string_view kMark = "-- name: ";
  std::vector<std::string> names;
  std::istringstream text(os::read_file(BOARD_SQL));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(kMark)) names.push_back(line.substr(kMark.size()));
  }
  return names;
}

TEST(Statements, SectionsHaveNamesOfTheirOwn) {
  const std::vector<std::string> names = section_names();
  EXPECT_GT(names.size(), 25u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(Statements, EverySectionIsCompiledInAndPreparesAgainstTheSchema) {
  const tests::Boards boards;
  tests::Look look(boards.empty());
  for (const std::string& name : section_names()) {
    EXPECT_THAT(os::read_file(BOARD_SQL), testing::HasSubstr("-- name: " + name + "\n" + statement(name)));
    if (name == "schema") continue;
    EXPECT_NO_THROW(sqlite::Statement(look.connection(), name, statement(name))) << name;
  }
}

TEST(Statements, TheSchemaMakesItsTablesAndIndexesAndMayRunTwice) {
  const tests::Boards boards;
  tests::Look look(boards.empty());
  look.execute(statement("schema"));
  EXPECT_THAT(look.rows("SELECT name FROM sqlite_master WHERE type = 'table'"),
              testing::UnorderedElementsAre("tasks", "links", "comments", "events", "runs",
                                            "notify_subscriptions", "acknowledgements"));
  EXPECT_EQ(look.value("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"), "9");
  EXPECT_EQ(look.value("SELECT count(*) FROM pragma_table_info('tasks')"), "28");
}

TEST(Statements, ANameThatIsNotThereIsABug) {
  EXPECT_THROW(statement("no such section"), std::logic_error);
  EXPECT_THROW(statement(""), std::logic_error);
}

}  // namespace
}  // namespace walsoak::board
