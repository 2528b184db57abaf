// Takes the names of a machine and its user out of text that people post: the home folder becomes `~`, other
// folders PATH (hidden_paths.h), the host HOST and the user USER. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace walsoak::record {

struct Identity {
  std::string host;  // short or fully qualified; both forms go
  std::string user;
  std::string home;  // an absolute path
};

// The identity that an environment block names (`hostname`, `user`, `home`); empty where it names none.
Identity identity_of(const nlohmann::ordered_json& environment);

// Names are replaced as whole words only. One that is short or everybody's (`root`, `build`) is left alone
// but where the place gives it away: after /home/, /Users/ or @, and before @.
std::string redact(std::string_view text, const Identity& identity);

// The folders alone, for values that are looked up by name afterwards.
std::string redact_folders(std::string_view text, const Identity& identity);

// The same in every string of a value, keys of objects left as they are.
nlohmann::ordered_json redact_json(const nlohmann::ordered_json& value, const Identity& identity);

}  // namespace walsoak::record
