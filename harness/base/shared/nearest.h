// Finds the name that somebody probably meant, for the errors about names that do not exist.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak {

// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other.
std::size_t edit_distance(std::string_view from, std::string_view to);

// The nearest of `names`, the first of several as near; empty where none is near enough to be meant (a third
// of the word's length).
std::string_view nearest(std::string_view word, std::span<const std::string_view> names);

// The second half of an error about an unknown name: the nearest one, then all of them, or, where
// `all_shown_by` is given, how to see them.
std::string what_is_valid(std::string_view word, std::span<const std::string_view> names,
                          std::string_view all_shown_by = {});

// Views of strings that the caller keeps.
std::vector<std::string_view> views(std::span<const std::string> names);

}  // namespace walsoak
