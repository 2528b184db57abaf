#include "harness/model/scenario/matrix.h"

#include <fmt/format.h>

#include <iterator>

#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;
using Combination = std::vector<Assignment>;

void require_axis(const ordered_json& values, const Place& place) {
  require_array(values, place);
  if (values.empty()) place.fail("has no values", "valid: a list of one value or more");
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (values[i] == values[earlier])
        place.at(i).fail(shown(values[i]) + " stands twice", "valid: each value once");
    }
  }
}

void expand_object(const ordered_json& object, const Place& place, const Vocabulary& vocabulary,
                   std::vector<Combination>& all) {
  require_object(object, place);
  EachOnce each_once;
  std::vector<Combination> combinations{{}};
  for (const auto& [key, values] : object.items()) {
    const Place axis = place.at(key);
    require_setting_name(key, axis);
    require_axis(values, axis);
    std::vector<Combination> choices;
    for (std::size_t i = 0; i < values.size(); ++i) {
      choices.push_back(read_assignment(key, values[i], axis.at(i), Layer::matrix, vocabulary));
      each_once.add(key, choices.back());
    }
    if (combinations.size() * choices.size() > kMostCells) {
      place.fail("expands to too many cells", fmt::format("valid: at most {}", kMostCells));
    }
    std::vector<Combination> longer;
    for (const Combination& combination : combinations) {
      for (const Combination& choice : choices) {
        longer.push_back(combination);
        longer.back().insert(longer.back().end(), choice.begin(), choice.end());
      }
    }
    combinations = std::move(longer);
  }
  std::move(combinations.begin(), combinations.end(), std::back_inserter(all));
}

}  // namespace

std::vector<Combination> expand_matrix(const ordered_json& matrix, const Place& place,
                                       const Vocabulary& vocabulary) {
  std::vector<Combination> all;
  if (!matrix.is_array()) {
    expand_object(matrix, place, vocabulary, all);
    return all;
  }
  if (matrix.empty()) place.fail("has no objects", "valid: an object, or a list of one object or more");
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    expand_object(matrix[i], place.at(i), vocabulary, all);
    if (all.size() > kMostCells) {
      place.fail("expands to too many cells", fmt::format("valid: at most {}", kMostCells));
    }
  }
  return all;
}

}  // namespace walsoak::scenario
