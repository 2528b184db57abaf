// Which pictures a report shows: four at most, by what the run found; the others are linked.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

inline constexpr std::size_t kMostPictures = 4;  // in a post

struct Gallery {
  std::vector<std::string> shown;   // the most telling first
  std::vector<std::string> others;  // in the order of their names
};

// `pictures` are paths; what each shows is told by its name, as scripts/plots/all.py gives it. At most `most`
// are shown.
Gallery chosen_pictures(const Json& summary, std::vector<std::string> pictures,
                        std::size_t most = kMostPictures);

// A section of those that are shown, and a list of links to the others; "" where there are none.
std::string pictures_section(const Gallery& gallery);
std::string other_pictures(const Gallery& gallery);

}  // namespace walsoak::report
