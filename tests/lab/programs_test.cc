// Where programs, libraries and interpreters are found, and what is said where they are not.
#include "harness/lab/launch/programs.h"

#include <sys/stat.h>

#include <cstdlib>

#include "tests/lab/peers.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::lab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// Sets or removes a variable of this process for a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class Programs : public testing::Test {
 protected:
  std::string script(const std::string& name, const std::string& text) {
    const std::string path = folder_.write(name, "#!/bin/sh\n" + text + "\n");
    ::chmod(path.c_str(), 0755);
    return path;
  }
  void cache(const std::string& version) {
    fs::create_directories(folder_.path() / "cache/sqlite" / version);
    folder_.write("cache/sqlite/" + version + "/libsqlite3.so.0", "");
  }

  tests::TemporaryFolder folder_;
};

TEST_F(Programs, OutputIsStandardOutputOfAProgramThatSucceeds) {
  EXPECT_EQ(output_of({"/bin/sh", "-c", "echo one; echo two >&2; echo three"}, {}), "one\nthree\n");
  EXPECT_EQ(output_of({"/bin/sh", "-c", "head -c 100000 /dev/zero"}, {}).value().size(), 100000u);
  EXPECT_EQ(output_of({"/bin/sh", "-c", "echo $A"}, {{"A", "changed"}}), "changed\n");
  EXPECT_EQ(output_of({"/bin/sh", "-c", "cat"}, {}), "") << "there is nothing to read";
}

TEST_F(Programs, AProgramThatFailsOrIsNotThereHasNoOutput) {
  EXPECT_EQ(output_of({"/bin/sh", "-c", "echo text; exit 1"}, {}), std::nullopt);
  EXPECT_EQ(output_of({folder_ / "none"}, {}), std::nullopt);
}

TEST_F(Programs, TheSystemsSqliteNeedsNoChange) {
  EXPECT_TRUE(sqlite_environment("system").empty());
}

TEST_F(Programs, AnotherSqliteIsAFolderInFrontOfTheLibraryPath) {
  cache("3.54.1");
  const Variable where("WALSOAK_CACHE", (folder_ / "cache").c_str());
  const std::string library = folder_ / "cache/sqlite/3.54.1";
  {
    const Variable path("LD_LIBRARY_PATH", nullptr);
    EXPECT_THAT(sqlite_environment("3.54.1"), ElementsAre(Pair("LD_LIBRARY_PATH", library)));
  }
  // An empty entry would be the working folder.
  const Variable path("LD_LIBRARY_PATH", ":/opt/lib:.::");
  EXPECT_THAT(sqlite_environment("3.54.1"), ElementsAre(Pair("LD_LIBRARY_PATH", library + ":/opt/lib")));
}

TEST_F(Programs, TheCacheIsWhereTheScriptPutsIt) {
  fs::create_directories(folder_.path() / "cache");
  cache("3.54.1");
  fs::rename(folder_.path() / "cache", folder_.path() / "walsoak");
  const Variable ours("WALSOAK_CACHE", nullptr);
  const Variable xdg("XDG_CACHE_HOME", folder_.path().c_str());
  EXPECT_EQ(sqlite_environment("3.54.1").size(), 1u);
  fs::create_directories(folder_.path() / ".cache");
  fs::rename(folder_.path() / "walsoak", folder_.path() / ".cache/walsoak");
  const Variable none("XDG_CACHE_HOME", nullptr);
  const Variable home("HOME", folder_.path().c_str());
  EXPECT_EQ(sqlite_environment("3.54.1").size(), 1u);
}

TEST_F(Programs, AMissingVersionIsRefusedWithTheCommandThatGetsIt) {
  const Variable where("WALSOAK_CACHE", (folder_ / "cache").c_str());
  const std::string said = thrown<Refused>([] { sqlite_environment("3.1.4"); });
  EXPECT_THAT(said, HasSubstr("scripts/fetch-sqlite 3.1.4"));
  EXPECT_EQ(said.find('\n'), std::string::npos);
}

TEST_F(Programs, OursLieBesideThisProgram) {
  EXPECT_EQ(program("lab_test").filename(), "lab_test");
  EXPECT_TRUE(fs::exists(program("lab_test")));
  EXPECT_THAT(thrown<Failed>([] { program("walsoak-nothing"); }), HasSubstr("--target walsoak-nothing"));
}

TEST_F(Programs, TheHomeIsNamedOrAboveThisProgram) {
  {
    const Variable named("WALSOAK_HOME", "/somewhere");
    EXPECT_EQ(home_folder(), "/somewhere");
  }
  const Variable unnamed("WALSOAK_HOME", nullptr);
  const fs::path below = program("lab_test").lexically_relative(PROJECT_FOLDER);
  if (*below.begin() == "..") {
    EXPECT_THAT(thrown<Refused>([] { home_folder(); }), HasSubstr("WALSOAK_HOME"));
  } else {
    EXPECT_EQ(home_folder(), PROJECT_FOLDER);
  }
}

TEST_F(Programs, OnThePathTheFirstThatRunsIsFound) {
  fs::create_directories(folder_.path() / "a");
  fs::create_directories(folder_.path() / "b");
  folder_.write("a/tool", "not to be run");
  const std::string second = script("b/tool", "true");
  const Variable path("PATH", (folder_ / "a" + ":" + (folder_ / "b")).c_str());
  EXPECT_EQ(find_on_path("tool"), second);
  EXPECT_EQ(find_on_path("none"), std::nullopt);
}

// To work in a folder is not to ask for the programs in it.
TEST_F(Programs, TheWorkingFolderIsNoPlaceOfPrograms) {
  script("tool", "true");
  script("python3", "true");
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  for (const char* path : {":/none", "/none:", "/none::/nowhere", ".", "./"}) {
    const Variable named("PATH", path);
    EXPECT_EQ(find_on_path("tool"), std::nullopt) << path;
    const Variable python("WALSOAK_PYTHON", "tool");
    EXPECT_THAT(pythons(), testing::IsEmpty()) << path;
  }
  const Variable asked("WALSOAK_PYTHON", "./tool");
  EXPECT_EQ(pythons().front(), folder_ / "./tool") << "a path was asked for";
  fs::current_path(before);
}

TEST_F(Programs, WhatIsAskedForAnAnswerRunsInTheRootFolder) {
  EXPECT_EQ(output_of({"/bin/sh", "-c", "pwd"}, {}), "/\n");
  EXPECT_EQ(answer_of({"/bin/sh", "-c", "pwd"}, "").output, "/\n");
}

TEST_F(Programs, APythonIsStartedIsolated) {
  EXPECT_THAT(isolated("/usr/bin/python3", {"-c", "pass"}),
              ElementsAre("/usr/bin/python3", "-I", "-c", "pass"));
}

TEST_F(Programs, APythonSubjectNeedsAnInterpreterOnItsSqlite) {
  const Variable home("WALSOAK_HOME", "/home");
  const std::string python = script("python", "echo 9.8.7");
  const Variable named("WALSOAK_PYTHON", python.c_str());
  EXPECT_THAT(command_line_of({"python", "", "9.8.7"}, {}),
              ElementsAre(python, "-I", "/home/scripts/subjects/subject.py"));
  EXPECT_THAT(command_line_of({"python", "", "system"}, {}),
              ElementsAre(python, "-I", "/home/scripts/subjects/subject.py"));
  const std::string said = thrown<Refused>([] { command_line_of({"python", "", "9.9.9"}, {}); });
  EXPECT_THAT(said, HasSubstr("SQLite 9.9.9"));
  EXPECT_THAT(said, HasSubstr(python + " (loads 9.8.7)"));
  EXPECT_THAT(said, HasSubstr("WALSOAK_PYTHON"));
}

TEST_F(Programs, TheNamedInterpreterComesBeforeThatOnThePath) {
  const Variable home("WALSOAK_HOME", "/home");
  fs::create_directories(folder_.path() / "bin");
  const std::string on_path = script("bin/python3", "echo 9.8.7");
  const Variable path("PATH", (folder_ / "bin:/usr/bin:/bin").c_str());
  {
    const Variable unnamed("WALSOAK_PYTHON", nullptr);
    EXPECT_EQ(command_line_of({"python", "", "system"}, {}).front(), on_path);
  }
  const Variable broken("WALSOAK_PYTHON", "/no/such/python");
  EXPECT_EQ(command_line_of({"python", "", "9.8.7"}, {}).front(), on_path);
}

TEST_F(Programs, TheShellOfAnExecSubjectBecomesItsCommand) {
  EXPECT_THAT(command_line_of({"exec", "node 'a b.js'", "system"}, {}),
              ElementsAre("/bin/sh", "-c", "exec node 'a b.js'"));
}

TEST_F(Programs, AProgramIsGivenItsInputHoweverLongAndItsLastWordsAreKept) {
  const std::string input(300'000, 'x');
  const Answer whole = answer_of({script("copies", "cat; echo first >&2; echo last >&2; echo >&2")}, input);
  EXPECT_TRUE(whole.clean);
  EXPECT_EQ(whole.output, input);
  EXPECT_EQ(whole.last_words, "last");
  // One that reads nothing does not hang, and none that fails is taken for one that worked.
  const Answer failed = answer_of({script("fails", "echo why >&2; exit 4")}, input);
  EXPECT_FALSE(failed.clean);
  EXPECT_EQ(failed.last_words, "why");
  const Answer none = answer_of({folder_ / "none"}, input);
  EXPECT_FALSE(none.clean);
  EXPECT_THAT(none.last_words, HasSubstr("none"));
}

}  // namespace
}  // namespace walsoak::lab
