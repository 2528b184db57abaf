// The events that the preloaded library wrote, folded into what they come to. Pure.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "harness/field/trace/places.h"

namespace walsoak::trace {

// Connections that were opened at one place, by the same callers. What is neither closed nor freed was open
// at the end.
struct OpenSite {
  Place place;
  std::int64_t opened = 0;
  std::int64_t closed = 0;         // by the program, zombies among them
  std::int64_t freed_at_exit = 0;  // by the interpreter, as it ended: the program had left them open
  std::int64_t open = 0;           // now, while events are folded
  std::int64_t peak = 0;           // most open at one time
  std::int64_t left_open() const { return opened - closed; }
};

// What the program did to one database, by the path that SQLite gave.
struct ConnectionCounts {
  std::int64_t opened = 0;
  std::int64_t closed = 0;
  std::int64_t freed_at_exit = 0;
  std::int64_t zombies = 0;          // closed with statements that were not finalized: SQLite keeps them open
  std::int64_t zombies_unknown = 0;  // closes by sqlite3_close_v2 of a SQLite that cannot be asked
  std::int64_t failed = 0;           // calls of sqlite3_open*() that gave an error
  std::int64_t open = 0;
  std::int64_t peak = 0;
  std::vector<OpenSite> sites;  // in the order they were first seen
  std::int64_t open_at_end() const { return opened - closed - freed_at_exit; }
};

// Lock losses with the same path, call and place.
struct LossSite {
  std::string path;
  std::string call;  // close, fclose, dup2, ...
  std::string file;  // main or shm
  Place place;
  bool guarded = false;  // each time an open-file-description lock stood on the shared bytes, and still did
  std::set<std::string> threads;
  std::int64_t times = 0;
};

// Opens and statements that failed, with the same path, call, code and place.
struct FailureSite {
  std::string path;  // empty: not known
  std::string call;
  std::int64_t code = 0;  // SQLite's extended code
  Place place;
  std::int64_t times = 0;
};

// Connections that a forked child used although they are its parent's.
struct InheritedSite {
  std::string path;
  std::string call;  // the first that used it
  Place place;
  std::int64_t times = 0;
};

struct UnseenCalls {
  std::string object;
  std::string why;
  bool operator==(const UnseenCalls&) const = default;
};

// A process that was not followed to its end, or not at all.
struct UnfollowedProcess {
  std::int64_t pid = 0;
  std::string program;
  std::string why;
};

struct Summary {
  bool attached = false;              // to a process that was running: strace sees no connection
  std::vector<std::string> locked;    // then: the databases that were locked when it began
  std::vector<std::string> programs;  // as they began; a forked child that runs no other program is none
  std::map<std::string, ConnectionCounts> connections;
  std::vector<LossSite> losses;  // in the order they were first seen
  std::vector<FailureSite> failures;
  std::vector<InheritedSite> inherited;
  std::vector<std::string> unseen;  // objects that lock databases, and whose connections were not seen
  std::vector<UnseenCalls> unseen_calls;
  std::int64_t killed = 0;                    // processes that neither returned nor called exit()
  std::vector<UnfollowedProcess> unfollowed;  // by the tracer
  nlohmann::json at_attach;  // with `attached`: what `diagnose` says before; null: it was not asked
  std::int64_t unreadable_lines = 0;
};

class EventFold {
 public:
  // One line of JSON. One that is no event (the program was killed while it was written) is counted.
  void add(const std::string& line);
  // As of now: processes that have not said that they end count as killed.
  Summary summary() const;
  // Processes that have begun and not ended, and the program of each.
  const std::map<std::int64_t, std::string>& running() const { return running_; }

 private:
  struct Connection {
    std::string path;
    std::size_t site;
  };

  void add_program(const nlohmann::json& event);
  void add_fork(const nlohmann::json& event);
  void add_open(const nlohmann::json& event);
  void add_close(const nlohmann::json& event);
  void add_loss(const nlohmann::json& event);
  void add_failure(const nlohmann::json& event, const std::string& path, std::int64_t times);
  void add_inherited(const nlohmann::json& event);
  void drop_connections(std::int64_t pid);
  bool add_state(const std::string& kind, const nlohmann::json& event);

  Summary summary_;
  std::map<std::pair<std::int64_t, std::int64_t>, Connection> open_;  // by process and number
  std::map<std::string, std::size_t> sites_;                          // into summary_.losses
  std::map<std::string, std::size_t> failures_, inherited_;
  std::map<std::int64_t, std::string> running_;
};

// What stands for databases without a name: in memory, or temporary.
inline constexpr const char* kNoName = "(in memory)";

// Reads all lines of the stream.
Summary summarise(std::istream& events);

}  // namespace walsoak::trace
