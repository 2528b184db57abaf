#include "harness/field/watch/watch.h"

#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "harness/base/os/clock.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/os/signals.h"
#include "harness/base/shared/errors.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::tests {
namespace {

// Called with each folder that is opened, before it is; false makes the open fail.
std::function<bool(std::string_view)> at_open;

}  // namespace
}  // namespace walsoak::tests

// In place of the C library's: what a watch looks at is known, and comes to an end at a chosen moment.
extern "C" DIR* opendir(const char* name) {
  using Opendir = DIR* (*)(const char*);
  static const auto real = reinterpret_cast<Opendir>(::dlsym(RTLD_NEXT, "opendir"));
  if (walsoak::tests::at_open && !walsoak::tests::at_open(name)) {
    errno = EMFILE;
    return nullptr;
  }
  return real(name);
}

namespace walsoak::tests {
namespace {

constexpr std::int64_t kEveryUs = 300000;

// A program that ends as soon as it is looked at for a sample, and is started anew each time.
class ShortLived {
 public:
  ShortLived() { start(); }
  ~ShortLived() { end(); }
  ShortLived(const ShortLived&) = delete;
  ShortLived& operator=(const ShortLived&) = delete;

  // The first look at its descriptors asks whether they may be read, the second is for a sample.
  void opened(std::string_view folder) {
    if (folder != "/proc/" + std::to_string(pid_) + "/fd" || ++looks_ < 2) return;
    end();
    start();
  }

  std::string pattern() const { return "sleep " + seconds_; }

 private:
  void start() {
    std::string program = "sleep";
    char* const arguments[] = {program.data(), seconds_.data(), nullptr};
    ASSERT_EQ(::posix_spawnp(&pid_, "sleep", nullptr, nullptr, arguments, environ), 0);
    // posix_spawn can return before exec has set the arguments.
    const std::string cmdline = "/proc/" + std::to_string(pid_) + "/cmdline";
    while (os::read_file(cmdline).find(seconds_) == std::string::npos) ::sched_yield();
    looks_ = 0;
  }
  void end() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  // No other process has these arguments.
  std::string seconds_ = "8640" + std::to_string(::getpid());
  pid_t pid_ = 0;
  int looks_ = 0;
};

TEST(Watch, AProcessThatEndsBeforeItsFirstSampleIsSearchedForOncePerInterval) {
  constexpr std::size_t kSearches = 4;
  const TemporaryFolder folder;
  os::note_stop_signals();
  ShortLived program;
  std::vector<std::int64_t> searches_us;
  at_open = [&](std::string_view name) {
    program.opened(name);
    if (name != "/proc") return true;
    searches_us.push_back(os::system_clock().monotonic_us());
    return searches_us.size() <= kSearches;  // what ends the watch
  };
  watch::WatchPlan plan;
  plan.name = program.pattern();
  plan.manner.every_s = kEveryUs / 1e6;
  plan.out = folder.path() / "out";
  plan.progress.lines = escape::Progress::Style::Lines::quiet;
  EXPECT_THROW(watch::watch_process(plan), Failed);
  at_open = nullptr;
  ASSERT_EQ(searches_us.size(), kSearches + 1);
  // The first was for the process to begin with. A timer is never early, however busy the machine is.
  for (std::size_t i = 2; i < searches_us.size(); ++i)
    EXPECT_GE(searches_us[i] - searches_us[i - 1], kEveryUs) << i;
}

}  // namespace
}  // namespace walsoak::tests
