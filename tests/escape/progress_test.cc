// What a person sees: plain lines in a pipe, one repainting line on a terminal, nothing where quiet was
// asked.
#include "harness/base/escape/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <memory>

#include "harness/base/os/descriptor.h"

namespace walsoak::escape {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Lines = Progress::Style::Lines;

constexpr std::int64_t kSecond = 1000000, kMinute = 60 * kSecond;

class TestClock final : public os::Clock {
 public:
  std::int64_t monotonic_us() const override { return now_us; }
  std::int64_t unix_s() const override { return 0; }
  std::int64_t now_us = 5 * kMinute;  // its zero means nothing
};

class ProgressTest : public testing::Test {
 protected:
  Progress& begin(Progress::Style style, std::size_t cells = 1) {
    progress_ = std::make_unique<Progress>(style, out_.get(), cells, clock_);
    progress_->begin_cell("c01", "persistent");
    return *progress_;
  }
  // What was written since the last call.
  std::string written() {
    std::fflush(out_.get());
    std::string text(1 << 16, '\0');
    text.resize(static_cast<std::size_t>(
        ::pread(::fileno(out_.get()), text.data(), text.size(), static_cast<off_t>(read_))));
    read_ += text.size();
    return text;
  }
  static Progress::Standing standing(const std::string& finding) {
    return {.late_us = 12000,
            .main = 6,
            .wal = 5,
            .shm = 4,
            .deleted = 0,
            .finding = finding,
            .harmful = finding == "leak"};
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> out_{std::tmpfile(), std::fclose};
  TestClock clock_;
  std::size_t read_ = 0;
  std::unique_ptr<Progress> progress_;
};

TEST_F(ProgressTest, PlainLinesComeOnceAMinute) {
  Progress& progress = begin({Lines::plain, false});
  int lines = 0;
  for (std::int64_t second = 1; second <= 600; ++second) {
    clock_.now_us += kSecond;
    progress.tick("c01", second, 1000);
    const std::string text = written();
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_EQ(text.empty(), second % 60 != 0) << second << ": " << text;
    if (!text.empty()) {
      ++lines;
      EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line, ended";
    }
  }
  EXPECT_EQ(lines, 10);
}

TEST_F(ProgressTest, ALineTellsTimeCellTickDescriptorsAndFinding) {
  Progress& progress = begin({Lines::plain, false}, 2);
  progress.stand("c01", standing("churn"));
  clock_.now_us += kMinute;
  progress.tick("c01", 30, 60);
  EXPECT_EQ(
      written(),
      "1:00 elapsed, 3:00 left | 1/2 c01 persistent | tick 30/60, 12 ms late | main 6 wal 5 shm 4 | so far "
      "churn\n")
      << "a quarter of the run took a minute";
}

TEST_F(ProgressTest, WhatIsNotKnownIsLeftOut) {
  Progress& progress = begin({Lines::plain, false});
  clock_.now_us += kMinute;
  progress.tick("c01", 0, 60);
  EXPECT_EQ(written(), "1:00 elapsed | 1/1 c01 persistent | tick 0/60\n");
}

TEST_F(ProgressTest, WithoutAnEndInSightSamplesAreCounted) {
  Progress& progress = begin({Lines::plain, false}, 0);
  clock_.now_us += kMinute;
  progress.tick("c01", 7, 0);
  EXPECT_EQ(written(), "1:00 elapsed | 1 c01 persistent | sample 7\n");
  progress.end_cell("c01", "clean");
  EXPECT_EQ(written(), "[1] c01 persistent: clean\n");
}

TEST_F(ProgressTest, DeletedFilesAreTold) {
  Progress& progress = begin({Lines::plain, false});
  Progress::Standing split = standing("");
  split.deleted = 3;
  split.late_us = 2500000;
  progress.stand("c01", split);
  clock_.now_us += 90 * kMinute;
  progress.tick("c01", 45, 60);
  EXPECT_EQ(written(),
            "1:30:00 elapsed, 30:00 left | 1/1 c01 persistent | tick 45/60, 2.5 s late | main 6 wal 5 shm 4 "
            "deleted 3\n");
}

TEST_F(ProgressTest, CellsSideBySideShareTheTimeThatIsLeft) {
  Progress& progress = begin({Lines::plain, false}, 4);
  progress.begin_cell("c02", "");
  progress.end_cell("c02", "clean");
  progress.begin_cell("c03", "noop");
  EXPECT_EQ(written(), "[2/4] c02: clean\n");
  progress.tick("c01", 5, 10);
  clock_.now_us += kMinute;
  progress.tick("c03", 5, 10);
  EXPECT_EQ(written(), "1:00 elapsed, 1:00 left | 3/4 c03 noop | tick 5/10\n")
      << "one and two halves of four";
}

TEST_F(ProgressTest, ANameAddsNeitherLinesNorControls) {
  for (const Lines style : {Lines::plain, Lines::repaint}) {
    progress_ = std::make_unique<Progress>(Progress::Style{style, false}, out_.get(), 1, clock_);
    progress_->begin_cell("c01", "\x1b[2J\n::error::x \xff");
    clock_.now_us += kMinute;
    progress_->tick("c01", 1, 2);
    EXPECT_THAT(written(), AllOf(HasSubstr("\\x1b[2J\\n::error::x \\xff"), Not(HasSubstr("\x1b"))));
    progress_->end_cell("c01", "clean\n");
    EXPECT_THAT(written(), HasSubstr("[1/1] c01 \\x1b[2J\\n::error::x \\xff: clean\\n\n"));
  }
}

TEST_F(ProgressTest, TheEndOfACellIsALineInAnyButAQuietStyle) {
  begin({Lines::plain, false}, 3).end_cell("c01", "clean: pass");
  EXPECT_EQ(written(), "[1/3] c01 persistent: clean: pass\n");
  begin({Lines::repaint, false}, 3).end_cell("c01", "clean: pass");
  EXPECT_EQ(written(), "[1/3] c01 persistent: clean: pass\n");
}

TEST_F(ProgressTest, QuietIsQuiet) {
  Progress& progress = begin({Lines::quiet, true});
  for (int tick = 1; tick <= 10; ++tick) {
    clock_.now_us += kMinute;
    progress.tick("c01", tick, 10);
  }
  progress.end_cell("c01", "leak: fail");
  progress_.reset();
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressTest, OnATerminalOneLineIsPaintedOver) {
  Progress& progress = begin({Lines::repaint, false});
  clock_.now_us += kSecond;
  progress.tick("c01", 1, 60);
  const std::string first = written();
  EXPECT_THAT(first, AllOf(StartsWith("\r0:01 elapsed"), HasSubstr("tick 1/60"), Not(HasSubstr("\n"))));
  clock_.now_us += 10;
  progress.tick("c01", 2, 60);
  EXPECT_EQ(written(), "") << "no sooner than an eye can follow";
  clock_.now_us += kSecond;
  progress.tick("c01", 3, 60);
  const std::string second = written();
  EXPECT_EQ(second.size(), first.size()) << "so that nothing of the line before stays";
  clock_.now_us += 10;
  progress.tick("c01", 60, 60);
  EXPECT_THAT(written(), HasSubstr("tick 60/60")) << "the last is always shown";
  progress.end_cell("c01", "clean");
  const std::string end = written();
  EXPECT_THAT(end, StartsWith("\r" + std::string(first.size() - 1, ' ') + "\r[1/1]"));
}

TEST_F(ProgressTest, WhatIsPaintedIsWipedAtTheEnd) {
  begin({Lines::repaint, false}).tick("c01", 60, 60);
  const std::size_t width = written().size() - 1;
  progress_.reset();
  EXPECT_EQ(written(), "\r" + std::string(width, ' ') + "\r");
}

TEST_F(ProgressTest, ColourIsForHarmAloneAndOnlyWhereAskedFor) {
  for (const char* finding :
       {"", "clean", "churn", "unknown", "leak", "wedged", "data loss", "bounded growth"}) {
    const std::string word = finding;
    const bool harmless = word.empty() || word == "clean" || word == "churn" || word == "unknown";
    for (const bool colour : {true, false}) {
      Progress& progress = begin({Lines::repaint, colour});
      written();
      Progress::Standing now = standing(word);
      now.harmful = !harmless;
      progress.stand("c01", now);
      progress.tick("c01", 60, 60);
      EXPECT_EQ(written().find("\033[31m") != std::string::npos, colour && !harmless) << word << colour;
    }
  }
  Progress& plain = begin({Lines::plain, true});
  written();
  plain.stand("c01", standing("leak"));
  clock_.now_us += kMinute;
  plain.tick("c01", 60, 60);
  EXPECT_THAT(written(), AllOf(HasSubstr("so far leak"), Not(HasSubstr("\033"))));
}

// stderr for a block: a terminal of its own, or a pipe; and the variables that terminals are told by.
class ErrorsTo {
 public:
  explicit ErrorsTo(int fd) : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10)) {
    ::dup2(fd, STDERR_FILENO);
  }
  ~ErrorsTo() { ::dup2(before_.get(), STDERR_FILENO); }
  ErrorsTo(const ErrorsTo&) = delete;
  ErrorsTo& operator=(const ErrorsTo&) = delete;

 private:
  os::Descriptor before_;
};

class TerminalVariable {
 public:
  TerminalVariable(const char* name, const char* value) : name_(name) {
    if (const char* const before = ::getenv(name)) before_ = before;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~TerminalVariable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  TerminalVariable(const TerminalVariable&) = delete;
  TerminalVariable& operator=(const TerminalVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class ProgressStyle : public testing::Test {
 protected:
  ProgressStyle() {
    ::grantpt(terminal_.get());
    ::unlockpt(terminal_.get());
    side_ = os::Descriptor(::open(::ptsname(terminal_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  static Progress::Style style(int fd, bool quiet, const char* term, const char* no_colour) {
    const TerminalVariable terminal("TERM", term), colour("NO_COLOR", no_colour);
    const ErrorsTo errors(fd);
    return Progress::style_for_stderr(quiet);
  }
  static void expect(const Progress::Style& style, Lines lines, bool colour) {
    EXPECT_EQ(style.lines, lines);
    EXPECT_EQ(style.colour, colour);
  }

  os::Descriptor terminal_{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  os::Descriptor side_;
};

TEST_F(ProgressStyle, OnATerminalItRepaintsInColour) {
  expect(style(side_.get(), false, "xterm", nullptr), Lines::repaint, true);
  expect(style(side_.get(), false, "xterm", ""), Lines::repaint, true);
}

TEST_F(ProgressStyle, NoColorIsHonoured) {
  expect(style(side_.get(), false, "xterm", "1"), Lines::repaint, false);
}

TEST_F(ProgressStyle, ADumbTerminalGetsPlainLines) {
  expect(style(side_.get(), false, "dumb", nullptr), Lines::plain, false);
  expect(style(side_.get(), false, nullptr, nullptr), Lines::plain, false);
}

TEST_F(ProgressStyle, APipeGetsPlainLines) {
  const os::Pipe pipe = os::make_pipe();
  expect(style(pipe.write_end.get(), false, "xterm", nullptr), Lines::plain, false);
}

TEST_F(ProgressStyle, QuietIsQuietAnywhere) {
  expect(style(side_.get(), true, "xterm", nullptr), Lines::quiet, false);
}

}  // namespace
}  // namespace walsoak::escape
