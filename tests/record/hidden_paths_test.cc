// Which folders a posted text must not name, and what of it must stay readable.
#include "harness/evidence/record/hidden_paths.h"

#include <gtest/gtest.h>

namespace walsoak::record {
namespace {

TEST(HiddenPathsTest, FoldersGoWhereverTheyLie) {
  for (const char* folder :
       {"/srv/acme-corp/secret", "/mnt/acme/x", "/data/acme", "/opt/acme", "/var/lib/acme", "/home/jane",
        "/tmp/acme", "/dev/shm/acme", "/usr/local/acme", "/proc/7/root/srv/acme", "/usr/../srv/acme", "/acme",
        "//srv/acme", "/srv/acm\xc3\xa9/.hidden"}) {
    const std::string path = folder;
    EXPECT_EQ(hide_paths(path + "/salaries.db"), "PATH") << path;
    EXPECT_EQ(hide_paths("no room in " + path + "/runs: full"), "no room in PATH: full") << path;
    EXPECT_EQ(hide_paths(path + "/kanban.db-wal"), "PATH/kanban.db-wal") << path;
  }
}

TEST(HiddenPathsTest, ANameStaysThatAFindingNeeds) {
  EXPECT_EQ(hide_paths("/srv/acme/gateway.py:7 in look"), "PATH/gateway.py:7 in look");
  EXPECT_EQ(hide_paths("module=/srv/acme/mine.py:connect,"), "module=PATH/mine.py:connect,");
  EXPECT_EQ(hide_paths("/opt/acme/libsqlite3.so.0+0x12"), "PATH/libsqlite3.so.0+0x12");
  EXPECT_EQ(hide_paths("/opt/venv/bin/python3.12 (4711)"), "PATH/python3.12 (4711)");
  EXPECT_EQ(hide_paths("/srv/acme/soak.json"), "PATH/soak.json");
  EXPECT_EQ(hide_paths("file:/srv/acme/kanban.db?mode=ro"), "file:PATH/kanban.db?mode=ro");
  EXPECT_EQ(hide_paths("file:///srv/acme/kanban.db"), "file://PATH/kanban.db");
}

TEST(HiddenPathsTest, SeveralPathsGoEach) {
  EXPECT_EQ(hide_paths("/a/acme/x:/b/acme/y"), "PATH:PATH");
  EXPECT_EQ(hide_paths("(/a/acme/x.db), /b/acme/y.py."), "(PATH), PATH/y.py.");
  EXPECT_EQ(hide_paths("LD_LIBRARY_PATH=/opt/acme/lib;/b/c"), "LD_LIBRARY_PATH=PATH;PATH");
}

TEST(HiddenPathsTest, ABlankInAQuotedPathDoesNotEndIt) {
  EXPECT_EQ(hide_paths("open '/srv/acme corp/own, things/kanban.db' failed"), "open 'PATH/kanban.db' failed");
  EXPECT_EQ(hide_paths("--set 'module=/srv/acme corp/mine.py:connect'"),
            "--set 'module=PATH/mine.py:connect'");
  EXPECT_EQ(hide_paths("`/srv/acme/x.db is full`"), "`PATH is full`");
  EXPECT_EQ(hide_paths("'/srv/acme/x.db\nit isn't"), "'PATH\nit isn't")
      << "a quote that is not closed in its line";
}

// As report.md has them: with the escapes of Markdown.
TEST(HiddenPathsTest, EscapedPathsGoToo) {
  EXPECT_EQ(hide_paths("| c01 | /srv/\\_acme\\_/my\\_gateway.py:connect |"),
            "| c01 | PATH/my\\_gateway.py:connect |");
}

TEST(HiddenPathsTest, WhatIsTheSameOnEveryMachineStays) {
  for (const char* text :
       {"/usr/lib/python3/dist-packages/x.py:3", "/lib64/ld-linux-x86-64.so.2", "/proc/4711/fd/5",
        "/dev/null", "/proc/sys/kernel/yama/ptrace_scope", "/bin/sh", "in /tmp", "/srv", "/", "cd /"}) {
    EXPECT_EQ(hide_paths(text), text);
  }
}

TEST(HiddenPathsTest, WhatIsNoAbsolutePathStays) {
  for (const char* text :
       {"b01/kanban.db", "~/runs/b01", "../acme/x", "scenarios/quick.json", "12 MB/s", "and/or", "3 / 4 / 5",
        "5 /s", "https://sqlite.org/wal.html, section 2", "[x](https://a.b/c/d)", "</details>\n</summary>",
        "cells/*/x/y", "PATH/kanban.db", "// a comment", "${HOME}/a/b", "a //", "x:/", "\"$A\"", "'"}) {
    EXPECT_EQ(hide_paths(text), text);
  }
  EXPECT_EQ(hide_paths(""), "");
}

TEST(HiddenPathsTest, TwiceIsOnce) {
  const std::string once = hide_paths("/srv/acme/x.py and /a/b");
  EXPECT_EQ(hide_paths(once), once);
}

}  // namespace
}  // namespace walsoak::record
