// The vocabulary as JSON, for tools in other languages: walsoak list --json, and schemas/vocabulary.json.
#pragma once

#include <nlohmann/json.hpp>

namespace walsoak::cli {

// {"findings": [...], "mechanisms": [...], "metrics": [...], "settings": [...], "faults": [...]}, each list
// in the order of its table.
nlohmann::ordered_json vocabulary_json();

}  // namespace walsoak::cli
