// Writes one JSON object into memory that somebody else owns: no allocation, so that it may be used inside
// close() of a program that knows nothing of it. What does not fit is left out, and the object stays valid.
#pragma once

#include <cstddef>
#include <cstdint>

namespace walsoak::trace {

class JsonText {
 public:
  // `memory` must outlive this and hold at least kReserve + 2 bytes.
  JsonText(char* memory, std::size_t size) : start_(memory), at_(memory), limit_(memory + size - kReserve) {
    put('{');
  }

  void add(const char* key, const char* text);  // nullptr: null
  void add(const char* key, const char* text, std::size_t length);
  void add_number(const char* key, std::int64_t value);
  void add_flag(const char* key, bool value);
  // "0x1f40": an offset as addr2line takes it.
  void add_hex(const char* key, std::uint64_t value);
  // False where there is no room for it: then it must not be closed either.
  bool open_list(const char* key);
  void close_list();
  // One object of a list: members are added between the two. Where they did not all fit, close_item() takes
  // the item back and returns false.
  void open_item();
  bool close_item();
  // Ends the object and its line; returns the length of the text.
  std::size_t finish();

  const char* text() const { return start_; }

 private:
  static constexpr std::size_t kReserve = 32;  // for the brackets that are open
  void put(char character);
  void put(const char* text);
  void separate();
  void key(const char* name);
  void keep_or_take_back(char* before);
  void quote(const char* text, std::size_t length);

  char* const start_;
  char* at_;
  char* const limit_;
  char* item_ = nullptr;  // where the item that is open began
  bool full_ = false;     // something of the member or item at hand did not fit
};

}  // namespace walsoak::trace
