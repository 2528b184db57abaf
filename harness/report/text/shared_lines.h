// Lines about cells, each told once with the cells that it holds for: what ten cells have in common is one
// line.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

class SharedLines {
 public:
  void add(const Json& cell, const std::string& text);
  void add(const Json& cell, const std::vector<std::string>& texts);
  bool empty() const { return lines_.empty(); }
  std::size_t size() const { return lines_.size(); }

  // "c01, c02 and c05: text", in the order in which the texts came; escaped and clipped.
  std::vector<std::string> lines() const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> lines_;  // text, cells
  std::unordered_map<std::string, std::size_t> places_;                  // of texts in lines_
};

}  // namespace walsoak::report
