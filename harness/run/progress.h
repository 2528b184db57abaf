// What a person sees of a run while it goes on: one repainting line on a terminal, a plain line a cell in a
// pipe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace walsoak::run {

class Progress {
 public:
  enum class Style { quiet, lines, repaint };

  // The style for stderr: repaint on a terminal that can, unless `quiet`.
  static Style style_for_stderr(bool quiet);

  Progress(Style style, std::FILE* out, std::size_t cells);
  ~Progress();

  void begin_cell(const std::string& cell, const std::string& what);
  void tick(std::int64_t done, std::int64_t of);
  void end_cell(const std::string& outcome);

 private:
  void paint(const std::string& text);
  void wipe();

  Style style_;
  std::FILE* out_;
  std::size_t cells_;
  std::size_t number_ = 0;
  std::int64_t begin_us_;
  std::int64_t painted_us_ = 0;
  bool painted_ = false;
  std::string cell_;
};

}  // namespace walsoak::run
