// What a person sees of a run while it goes on: one repainting line on a terminal, plain lines now and then
// in a pipe.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "harness/base/os/clock.h"

namespace walsoak::escape {

// Thread-safe: cells run side by side.
class Progress {
 public:
  struct Style {
    enum class Lines { quiet, plain, repaint };
    Lines lines = Lines::plain;
    bool colour = false;
  };

  // How a cell stands, as its last sample and tick say. What is not known is left out of the line.
  struct Standing {
    std::optional<std::int64_t> late_us;                  // of the last tick
    std::optional<std::int64_t> main, wal, shm, deleted;  // descriptors of its subject on the boards' files
    std::string finding;                                  // so far; empty: too early to say
    bool harmful = false;                                 // the finding is a harm: its line is red
  };

  // The style for stderr: repaint on a terminal that can, unless `quiet`; in colour unless NO_COLOR is set.
  static Style style_for_stderr(bool quiet);

  // `cells` is 0 where nobody knows how many there will be; the time left is then not told. `clock` tells the
  // elapsed time and when the next line is due.
  Progress(Style style, std::FILE* out, std::size_t cells, const os::Clock& clock = os::system_clock());
  ~Progress();

  void begin_cell(const std::string& cell, const std::string& what);
  // `of` is 0 where there is no end in sight.
  void tick(const std::string& cell, std::int64_t done, std::int64_t of);
  void stand(const std::string& cell, const Standing& standing);
  void end_cell(const std::string& cell, const std::string& outcome);

 private:
  struct Running {
    std::size_t number;
    std::string what;
    std::int64_t done = 0, of = 0;
    Standing standing;
  };

  std::string number_text(const Running& cell) const;
  std::string line(const Running& cell) const;
  void show(const Running& cell, bool due);
  void wipe();

  const Style style_;
  std::FILE* const out_;
  const std::size_t cells_;
  const os::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Running> running_;
  std::size_t begun_ = 0, ended_ = 0;
  std::int64_t begin_us_;
  std::int64_t shown_us_;
  bool painted_ = false;
};

}  // namespace walsoak::escape
