// Where in the program an event comes from: its script's line, else its C code. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace walsoak::trace {

struct Place {
  std::string at;                 // "x.py:7 in look", else "function (module+0x12)"; empty: no stack
  std::string module;             // the object that made the call: the interpreter, a library, another SQLite
  std::vector<std::string> rest;  // the callers of that place, at most a few

  std::string key() const { return at + "\n" + module; }
  // With the callers: a library that opens for everybody is no place to look at.
  std::string path_key() const;
};

Place place_of(const nlohmann::json& event);

// Members of an event; 0, empty and false where there is none of that type.
std::int64_t number_in(const nlohmann::json& event, const char* key);
std::string text_in(const nlohmann::json& event, const char* key);
bool flag_in(const nlohmann::json& event, const char* key);

}  // namespace walsoak::trace
