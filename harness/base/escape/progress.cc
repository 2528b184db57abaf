#include "harness/base/escape/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "harness/base/escape/terminal.h"

namespace walsoak::escape {
namespace {

constexpr std::int64_t kRepaintUs = 100000;
constexpr std::int64_t kPlainUs = 60000000;  // a log of 8 hours gets 480 lines
constexpr std::size_t kLineWidth = 120;

std::string duration(std::int64_t us) {
  const std::int64_t seconds = us / 1000000;
  return seconds < 3600 ? fmt::format("{}:{:02}", seconds / 60, seconds % 60)
                        : fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string late_text(std::int64_t us) {
  return us < 1000000 ? fmt::format("{} ms", us / 1000)
                      : fmt::format("{:.1f} s", static_cast<double>(us) / 1e6);
}

// A line that wraps cannot be painted over.
std::size_t terminal_width(std::FILE* out) {
  winsize size{};
  if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return kLineWidth;
  return std::min<std::size_t>(kLineWidth, size.ws_col - 1);
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

Progress::Style Progress::style_for_stderr(bool quiet) {
  if (quiet) return {Style::Lines::quiet, false};
  const char* const term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  if (::isatty(STDERR_FILENO) != 1 || dumb) return {Style::Lines::plain, false};
  return {Style::Lines::repaint, !is_set("NO_COLOR")};  // https://no-color.org
}

Progress::Progress(Style style, std::FILE* out, std::size_t cells, const os::Clock& clock)
    : style_(style),
      out_(out),
      cells_(cells),
      clock_(clock),
      begin_us_(clock.monotonic_us()),
      shown_us_(begin_us_) {}

Progress::~Progress() {
  wipe();
}

void Progress::wipe() {
  if (!painted_) return;
  print(out_, "\r{:{}}\r", "", terminal_width(out_));
  std::fflush(out_);
  painted_ = false;
}

std::string Progress::number_text(const Running& cell) const {
  return cells_ > 0 ? fmt::format("{}/{}", cell.number, cells_) : std::to_string(cell.number);
}

std::string Progress::line(const Running& cell) const {
  const std::int64_t elapsed = clock_.monotonic_us() - begin_us_;
  // Cells side by side go on alike: those that have told of no tick yet are taken to stand where the others
  // do.
  double share = 0, told = 0;
  for (const auto& [id, running] : running_) {
    if (running.of == 0) continue;
    share += static_cast<double>(running.done) / static_cast<double>(running.of);
    ++told;
  }
  const double running_done = told > 0 ? share / told * static_cast<double>(running_.size()) : 0;
  const double done = static_cast<double>(ended_) + running_done;
  std::string text = duration(elapsed) + " elapsed";
  if (done > 0 && cells_ > 0) {
    const double left = static_cast<double>(elapsed) * (static_cast<double>(cells_) - done) / done;
    text += fmt::format(", {} left", duration(static_cast<std::int64_t>(left)));
  }
  text += fmt::format(" | {} {} | ", number_text(cell), cell.what);
  text += cell.of > 0 ? fmt::format("tick {}/{}", cell.done, cell.of) : fmt::format("sample {}", cell.done);
  const Standing& now = cell.standing;
  if (now.late_us) text += fmt::format(", {} late", late_text(*now.late_us));
  if (now.main && now.wal && now.shm) {
    text += fmt::format(" | main {} wal {} shm {}", *now.main, *now.wal, *now.shm);
    if (now.deleted.value_or(0) > 0) text += fmt::format(" deleted {}", *now.deleted);
  }
  if (!now.finding.empty()) text += " | so far " + now.finding;
  return text;
}

void Progress::show(const Running& cell, bool due) {
  const std::int64_t now = clock_.monotonic_us();
  if (style_.lines == Style::Lines::plain && now - shown_us_ >= kPlainUs) {
    shown_us_ = now;
    print(out_, "{}\n", line(cell));
    std::fflush(out_);
  }
  if (style_.lines != Style::Lines::repaint || (now - shown_us_ < kRepaintUs && !due)) return;
  shown_us_ = now;
  const std::size_t width = terminal_width(out_);
  const std::string text = cut(visible(line(cell)), width);
  const bool red = style_.colour && cell.standing.harmful;
  if (red) {
    print(out_, "\r\033[31m{:{}}\033[0m", text, width);
  } else {
    print(out_, "\r{:{}}", text, width);
  }
  std::fflush(out_);
  painted_ = true;
}

void Progress::begin_cell(const std::string& cell, const std::string& what) {
  const std::lock_guard lock(mutex_);
  running_[cell] = {++begun_, what.empty() ? cell : cell + " " + what, 0, 0, {}};
}

void Progress::tick(const std::string& cell, std::int64_t done, std::int64_t of) {
  const std::lock_guard lock(mutex_);
  Running& running = running_.at(cell);
  running.done = done;
  running.of = of;
  show(running, done == of);
}

void Progress::stand(const std::string& cell, const Standing& standing) {
  const std::lock_guard lock(mutex_);
  running_.at(cell).standing = standing;
}

void Progress::end_cell(const std::string& cell, const std::string& outcome) {
  const std::lock_guard lock(mutex_);
  const Running running = running_.at(cell);
  running_.erase(cell);
  ++ended_;
  if (style_.lines == Style::Lines::quiet) return;
  wipe();
  print(out_, "[{}] {}: {}\n", number_text(running), running.what, outcome);
  std::fflush(out_);
}

}  // namespace walsoak::escape
