// The events that the preloaded library wrote, folded into what they come to. Pure.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace walsoak::trace {

// What the program did to one database, by the path that SQLite gave.
struct ConnectionCounts {
  std::int64_t opened = 0;
  std::int64_t closed = 0;   // zombies among them
  std::int64_t zombies = 0;  // closed with statements that were not finalized: SQLite keeps them open
  std::int64_t failed = 0;   // calls of sqlite3_open*() that gave an error
  std::int64_t open_at_end() const { return opened - closed; }
};

// Lock losses with the same path, call and place.
struct LossSite {
  std::string path;
  std::string call;               // close, fclose, dup2, ...
  std::string file;               // main or shm
  std::string place;              // "x.py:7 in look", else "function (module+0x12)"; empty: no stack
  std::string module;             // the object that made the call: the interpreter, a library, another SQLite
  std::vector<std::string> rest;  // the callers of that place, at most a few
  bool guarded = false;  // each time an open-file-description lock stood on the shared bytes, and still did
  std::set<std::string> threads;
  std::int64_t times = 0;
};

struct Summary {
  bool attached = false;              // to a process that was running: strace sees no connection
  std::vector<std::string> locked;    // then: the databases that were locked when it began
  std::vector<std::string> programs;  // as they began; a forked child that runs no other program is none
  std::map<std::string, ConnectionCounts> connections;
  std::vector<LossSite> losses;     // in the order they were first seen
  std::vector<std::string> unseen;  // objects that lock databases, and whose connections were not seen
  std::int64_t unreadable_lines = 0;
};

class EventFold {
 public:
  // One line of JSON. One that is no event (the program was killed while it was written) is counted.
  void add(const std::string& line);
  const Summary& summary() const { return summary_; }

 private:
  void add_program(const nlohmann::json& event);
  void add_open(const nlohmann::json& event);
  void add_close(const nlohmann::json& event);
  void add_loss(const nlohmann::json& event);

  Summary summary_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> open_;  // process and number: path
  std::map<std::string, std::size_t> sites_;                           // into summary_.losses
};

// What stands for databases without a name: in memory, or temporary.
inline constexpr const char* kNoName = "(in memory)";

// Reads all lines of the stream.
Summary summarise(std::istream& events);

}  // namespace walsoak::trace
