#include "harness/run/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "harness/os/clock.h"

namespace walsoak::run {
namespace {

constexpr std::int64_t kRepaintUs = 100000;
constexpr std::size_t kLineWidth = 100;

std::string duration(std::int64_t us) {
  const std::int64_t seconds = us / 1000000;
  return seconds < 3600 ? fmt::format("{}:{:02}", seconds / 60, seconds % 60)
                        : fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

Progress::Style Progress::style_for_stderr(bool quiet) {
  if (quiet) return Style::quiet;
  const char* const term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return ::isatty(STDERR_FILENO) == 1 && !dumb ? Style::repaint : Style::lines;
}

Progress::Progress(Style style, std::FILE* out, std::size_t cells)
    : style_(style), out_(out), cells_(cells), begin_us_(os::system_clock().monotonic_us()) {}

Progress::~Progress() {
  wipe();
}

void Progress::wipe() {
  if (painted_) std::fprintf(out_, "\r%*s\r", static_cast<int>(kLineWidth), "");
  if (painted_) std::fflush(out_);
  painted_ = false;
}

void Progress::paint(const std::string& text) {
  std::fprintf(out_, "\r%-*s", static_cast<int>(kLineWidth), text.substr(0, kLineWidth).c_str());
  std::fflush(out_);
  painted_ = true;
}

void Progress::begin_cell(const std::string& cell, const std::string& what) {
  ++number_;
  cell_ = what.empty() ? cell : cell + " " + what;
}

void Progress::tick(std::int64_t done, std::int64_t of) {
  if (style_ != Style::repaint) return;
  const std::int64_t now = os::system_clock().monotonic_us();
  if (now - painted_us_ < kRepaintUs && done < of) return;
  painted_us_ = now;
  const std::int64_t elapsed = now - begin_us_;
  const double share =
      (static_cast<double>(number_ - 1) + static_cast<double>(done) / static_cast<double>(of)) /
      static_cast<double>(cells_);
  const auto left = static_cast<std::int64_t>(static_cast<double>(elapsed) * (1 - share) / share);
  paint(fmt::format("{} elapsed, {} left | cell {}/{} tick {}/{} | {}", duration(elapsed), duration(left),
                    number_, cells_, done, of, cell_));
}

void Progress::end_cell(const std::string& outcome) {
  if (style_ == Style::quiet) return;
  wipe();
  std::fprintf(out_, "[%zu/%zu] %s: %s\n", number_, cells_, cell_.c_str(), outcome.c_str());
  std::fflush(out_);
}

}  // namespace walsoak::run
