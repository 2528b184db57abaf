#include "benchmarks/traced_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <utility>

#include "harness/base/os/process.h"
#include "harness/field/preload/channel.h"

namespace walsoak::benchmarks {
namespace {

namespace fs = std::filesystem;

void check(int code, const char* what) {
  if (code != SQLITE_OK) throw std::runtime_error(std::string(what) + ": " + sqlite3_errstr(code));
}

sqlite3* opened(const std::string& path) {
  sqlite3* connection = nullptr;
  check(sqlite3_open(path.c_str(), &connection), "open");
  check(sqlite3_exec(connection, "PRAGMA synchronous=NORMAL", nullptr, nullptr, nullptr), "synchronous");
  return connection;
}

void read_and_write(sqlite3* connection) {
  check(sqlite3_exec(connection, "SELECT count(*) FROM t; UPDATE t SET x = x + 1", nullptr, nullptr, nullptr),
        "work");
}

void do_work(Work work, const std::string& path, sqlite3* held) {
  if (work == Work::held) return read_and_write(held);
  if (work == Work::open_close) {
    sqlite3* const connection = opened(path);
    read_and_write(connection);
    check(sqlite3_close(connection), "close");
    return;
  }
  const int other = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (other < 0 || ::close(other) != 0) throw std::runtime_error("/dev/null");
}

std::int64_t cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

fs::path beside(const char* name) {
  return fs::path(os::own_path()).parent_path() / name;
}

}  // namespace

int work_when_asked(int argc, char** argv) {
  if (argc < 3) return 3;
  // Two databases: the one that is opened and closed is closed last each time.
  const std::string held_path = std::string(argv[2]) + "/held.db", path = std::string(argv[2]) + "/closed.db";
  sqlite3* held = nullptr;
  for (const std::string& each : {path, held_path}) {
    if (held != nullptr) sqlite3_close(held);
    held = opened(each);
    check(sqlite3_exec(held, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)", nullptr,
                       nullptr, nullptr),
          "table");
  }
  for (Work work{}; ::read(STDIN_FILENO, &work, 1) == 1;) {
    const std::int64_t before = cpu_ns();
    for (int i = 0; i < TracedProgram::kRounds; ++i) do_work(work, path, held);
    const std::int64_t took = cpu_ns() - before;
    os::write_all(STDOUT_FILENO, &took, sizeof took);
  }
  return 0;
}

TracedProgram::TracedProgram(Tracing tracing) {
  folder_ = (fs::temp_directory_path() / "walsoak-bench-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error(folder_);
  os::Pipe ask = os::make_pipe(), answer = os::make_pipe();
  os::SpawnRequest request{.argv = {os::own_path(), kWorkArgument, folder_},
                           .environment = {},
                           .descriptors = {{0, ask.read_end.get()}, {1, answer.write_end.get()}, {2, 2}}};
  if (tracing == Tracing::preloaded) {
    const std::string events = folder_ + "/events";
    os::Descriptor(::open(events.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    request.environment["LD_PRELOAD"] = beside("libwalsoak-trace.so").string();
    request.environment[trace::kEventFileVariable] = events;
  }
  program_ = os::spawn(request);
  ask_ = std::move(ask.write_end);
  answer_ = std::move(answer.read_end);
  work(Work::held);
  if (tracing == Tracing::attached) attach();
}

TracedProgram::~TracedProgram() {
  ask_.reset();
  if (program_ != 0) os::wait_for(program_);
  if (tracer_ != 0) os::wait_for(tracer_);  // ends with the process
  std::error_code none;
  fs::remove_all(folder_, none);
}

void TracedProgram::attach() {
  const std::string events = folder_ + "/events";
  const os::Descriptor nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  tracer_ = os::spawn(
      {.argv = {beside("walsoak").string(), "trace", "--pid", std::to_string(program_), "--out", events},
       .environment = {},
       .descriptors = {{0, nowhere.get()}, {1, nowhere.get()}, {2, nowhere.get()}}});
  // Its first event comes when it is there.
  while (!fs::exists(events)) {
    if (const auto ended = os::try_wait_for(tracer_)) {
      tracer_ = 0;
      throw std::runtime_error("walsoak trace --pid could not attach");
    }
    std::this_thread::yield();
  }
}

std::int64_t TracedProgram::work(Work work) {
  os::write_all(ask_.get(), &work, 1);
  std::int64_t took = 0;
  if (::read(answer_.get(), &took, sizeof took) != sizeof took)
    throw std::runtime_error("the program has ended");
  return took;
}

}  // namespace walsoak::benchmarks
