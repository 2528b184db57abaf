// What SQLite said when a call failed.
#pragma once

#include <stdexcept>
#include <string>

namespace walsoak::sqlite {

class Error : public std::runtime_error {
 public:
  // `code` is SQLite's extended result code, `where` the statement's name or the call.
  Error(int code, std::string where, const std::string& message)
      : std::runtime_error(message), code_(code), where_(std::move(where)) {}

  int code() const { return code_; }
  const std::string& where() const { return where_; }
  // SQLITE_CORRUPT or SQLITE_NOTADB: the dispatcher takes the board out of service.
  bool corrupt() const { return (code_ & 0xff) == 11 || (code_ & 0xff) == 26; }

 private:
  int code_;
  std::string where_;
};

// A connection was used or closed on a thread that its declared affinity forbids: a bug in a strategy.
class AffinityError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace walsoak::sqlite
