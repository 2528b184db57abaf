// A test that leaves SQLite's files as it found them, or fails: one header for GoogleTest, Linux.
//
//   class SyncTest : public testing::Test {
//     walsoak::SqliteLeakCheck leaks_;  // the first member: it is destroyed behind all others
//   };
//
// or, for every test of a program, in main() before RUN_ALL_TESTS():
//
//   testing::UnitTest::GetInstance()->listeners().Append(new walsoak::SqliteLeakListener);
//
// A test fails where, at its end, a descriptor is open on a database, a deleted -wal or -shm is held, or SQLite's
// lock on a database is lost, and was not so at its beginning. With WALSOAK_SQLITE3 defined before the include, and
// <sqlite3.h> and SQLite's library at hand, the failure names where each connection was opened that is still open:
// file and line where the program has debug information and addr2line is there. One thread at a time.
//
// Only /proc/self is read, and no database's file is opened: closing one would drop SQLite's locks. Main descriptors
// that SQLite parks while another connection to the database stays open are none of the test's.
#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#ifdef WALSOAK_SQLITE3
#include <dlfcn.h>
#include <execinfo.h>
#include <sqlite3.h>
#endif

namespace walsoak {

namespace leak_check {

inline bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The path of the main file that a sidecar belongs to; "" for other files.
inline std::string MainOf(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal"})
    if (EndsWith(path, suffix)) return path.substr(0, path.size() - std::strlen(suffix));
  return {};
}

struct OpenFile {
  int fd = -1;
  std::string path;
  bool deleted = false;
};

inline std::vector<OpenFile> OpenFiles() {
  std::vector<OpenFile> files;
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return files;
  while (const dirent* entry = ::readdir(folder)) {
    char target[4096];
    const std::string link = std::string("/proc/self/fd/") + entry->d_name;
    const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
    if (length <= 0 || target[0] != '/' || std::strncmp(target, "/dev/", 5) == 0) continue;
    OpenFile file{std::atoi(entry->d_name), std::string(target, static_cast<std::size_t>(length)), false};
    file.deleted = EndsWith(file.path, " (deleted)");
    if (file.deleted) file.path.resize(file.path.size() - std::strlen(" (deleted)"));
    files.push_back(file);
  }
  ::closedir(folder);
  return files;
}

// By its first bytes, read through its own descriptor, whose offset does not move.
inline bool IsDatabase(int fd) {
  char header[16];
  return ::pread(fd, header, sizeof header, 0) == sizeof header &&
         std::memcmp(header, "SQLite format 3", sizeof header) == 0;
}

// A lock in the shared range of a main file, bytes 1073741826 to 1073742335.
inline bool HoldsSharedLock(int fd) {
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  for (std::string line; std::getline(info, line);) {
    if (line.compare(0, 5, "lock:") != 0 || line.find("FLOCK") != std::string::npos) continue;
    std::istringstream words(line);
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    if (all.size() < 2 || all.back() == "EOF") continue;
    if (std::atoll(all[all.size() - 2].c_str()) <= 1073742335 && std::atoll(all.back().c_str()) >= 1073741826) return true;
  }
  return false;
}

struct Database {
  int main = 0, wal = 0, shm = 0, journal = 0;
  bool locked = false;
  std::set<std::string> deleted;
};

inline std::map<std::string, Database> Databases() {
  const std::vector<OpenFile> files = OpenFiles();
  std::map<std::string, Database> found;
  for (const OpenFile& file : files)
    if (const std::string main = MainOf(file.path); !main.empty()) found[main];
  for (const OpenFile& file : files)
    if (MainOf(file.path).empty() && IsDatabase(file.fd)) found[file.path];
  for (const OpenFile& file : files) {
    const std::string base = MainOf(file.path);
    const auto at = found.find(base.empty() ? file.path : base);
    if (at == found.end()) continue;
    Database& database = at->second;
    if (file.deleted) database.deleted.insert(file.path);
    if (base.empty()) {
      ++database.main;
      database.locked = database.locked || HoldsSharedLock(file.fd);
    } else {
      ++(EndsWith(file.path, "-wal") ? database.wal : EndsWith(file.path, "-shm") ? database.shm : database.journal);
    }
  }
  return found;
}

#ifdef WALSOAK_SQLITE3
// "sync.cc:42", or the module and its offset where addr2line cannot tell.
inline std::string PlaceOf(void* address) {
  Dl_info info{};
  if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
  // The call is the instruction before the return address.
  const auto offset = static_cast<unsigned long>(static_cast<char*>(address) - static_cast<char*>(info.dli_fbase)) - 1;
  char command[4096], line[4096] = {};
  std::snprintf(command, sizeof command, "addr2line -e '%s' %#lx 2>/dev/null", info.dli_fname, offset);
  if (std::FILE* const pipe = std::strchr(info.dli_fname, '\'') ? nullptr : ::popen(command, "r")) {
    if (std::fgets(line, sizeof line, pipe) == nullptr) line[0] = '\0';
    ::pclose(pipe);
  }
  const std::string told(line, std::strcspn(line, " \n"));
  if (!told.empty() && told[0] != '?') return told;
  std::snprintf(line, sizeof line, "%s+%#lx", info.dli_fname, offset);
  return line;
}

// Where each connection was opened that is still open. SQLite calls for each new one, and again when it is closed
// (unless the program gives the connection a trace of its own).
class Connections {
 public:
  static Connections& Get() {
    static Connections all;
    return all;
  }

  void Install() {
    if (installed_) return;
    installed_ = sqlite3_auto_extension(reinterpret_cast<void (*)()>(&Opened)) == SQLITE_OK;
  }

  std::vector<std::string> OpenOn(const std::string& path) const {
    std::vector<std::string> places;
    for (const auto& [connection, opened] : open_)
      if (opened.path == path) places.push_back(Callers(opened.stack));
    return places;
  }

 private:
  struct Stack {
    std::string path;
    std::vector<void*> stack;
  };

  static int Opened(sqlite3* connection, char**, const void*) {
    void* frames[32];
    const int count = ::backtrace(frames, 32);
    const char* const path = sqlite3_db_filename(connection, "main");
    Get().open_[connection] = {path == nullptr ? "" : path, std::vector<void*>(frames, frames + count)};
    sqlite3_trace_v2(connection, SQLITE_TRACE_CLOSE, &Closed, nullptr);
    return SQLITE_OK;
  }

  static int Closed(unsigned, void*, void* connection, void*) {
    Get().open_.erase(static_cast<sqlite3*>(connection));
    return 0;
  }

  // The caller of SQLite, and its caller: behind this header's function and SQLite's library.
  static std::string Callers(const std::vector<void*>& stack) {
    Dl_info sqlite{}, own{}, info{};
    ::dladdr(reinterpret_cast<void*>(&sqlite3_open_v2), &sqlite);
    ::dladdr(reinterpret_cast<void*>(&Opened), &own);
    std::size_t at = 1;
    // A SQLite that is linked into the program looks like the program.
    if (sqlite.dli_fbase != own.dli_fbase)
      while (at < stack.size() && ::dladdr(stack[at], &info) != 0 && info.dli_fbase == sqlite.dli_fbase) ++at;
    if (at >= stack.size()) return "a place that is not known";
    std::string callers = PlaceOf(stack[at]);
    if (at + 1 < stack.size()) callers += ", called from " + PlaceOf(stack[at + 1]);
    return callers;
  }

  std::map<sqlite3*, Stack> open_;
  bool installed_ = false;
};
#endif

}  // namespace leak_check

// The difference that a piece of a test makes to SQLite's files of this process.
class SqliteLeaks {
 public:
  SqliteLeaks() : before_(leak_check::Databases()) {
#ifdef WALSOAK_SQLITE3
    leak_check::Connections::Get().Install();
#endif
  }

  // "" where nothing is left; else lines with the files, and the places that opened.
  std::string Text() const {
    std::string text;
    for (const auto& [path, now] : leak_check::Databases()) {
      const auto found = before_.find(path);
      const leak_check::Database before = found == before_.end() ? leak_check::Database() : found->second;
      text += Growth(path, before, now);
      for (const std::string& file : now.deleted)
        if (before.deleted.count(file) == 0)
          text += file + ": deleted while this process has it open: what it commits may be seen by nobody\n";
      const bool lost = now.wal > 0 && now.main > 0 && !now.locked;
      const bool lost_before = before.wal > 0 && before.main > 0 && !before.locked;
      if (lost && !lost_before)
        text += path + ": its lock is lost: the file was opened and closed outside SQLite while a connection was open "
                       "(walsoak trace -- COMMAND names the call)\n";
    }
    return text;
  }

 private:
  static std::string Growth(const std::string& path, const leak_check::Database& before, const leak_check::Database& now) {
    // Of a connection that was closed SQLite may park the main descriptor, never the -wal's.
    const bool may_be_parked = before.wal > 0 && now.wal <= before.wal;
    std::string numbers;
    const auto add = [&numbers](const char* what, int from, int to) {
      if (to > from)
        numbers += (numbers.empty() ? "" : ", ") + std::to_string(from) + " -> " + std::to_string(to) + " on " + what;
    };
    if (!may_be_parked) add("the database", before.main, now.main);
    add("its -wal", before.wal, now.wal);
    add("its -shm", before.shm, now.shm);
    add("its -journal", before.journal, now.journal);
    if (numbers.empty()) return {};
    std::string text = path + ": descriptors left open: " + numbers + "\n";
#ifdef WALSOAK_SQLITE3
    for (const std::string& place : leak_check::Connections::Get().OpenOn(path)) text += "    opened at " + place + "\n";
#endif
    return text;
  }

  std::map<std::string, leak_check::Database> before_;
};

// Checks where it is destroyed.
class SqliteLeakCheck {
 public:
  SqliteLeakCheck() = default;
  SqliteLeakCheck(const SqliteLeakCheck&) = delete;
  SqliteLeakCheck& operator=(const SqliteLeakCheck&) = delete;
  ~SqliteLeakCheck() {
    const std::string text = leaks_.Text();
    EXPECT_TRUE(text.empty()) << "SQLite's files are not left as they were found:\n" << text;
  }

 private:
  SqliteLeaks leaks_;
};

// Checks every test of the program.
class SqliteLeakListener : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo&) override { before_ = SqliteLeaks(); }
  void OnTestEnd(const testing::TestInfo&) override {
    const std::string text = before_.Text();
    EXPECT_TRUE(text.empty()) << "SQLite's files are not left as they were found:\n" << text;
  }

 private:
  SqliteLeaks before_;
};

}  // namespace walsoak
