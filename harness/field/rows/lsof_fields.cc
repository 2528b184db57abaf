#include "harness/field/rows/lsof_fields.h"

#include <utility>

#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

bool is_field(std::string_view line) {
  constexpr std::string_view kLetters = "aBcCdDfFgGiKkLlmMnNopPrRsStTuxXZ";
  constexpr std::string_view kWithBlanks = "cLMnTZ";
  if (line.empty() || kLetters.find(line[0]) == line.npos) return false;
  return line.find(' ') == line.npos || kWithBlanks.find(line[0]) != line.npos;
}

}  // namespace

void LsofFields::finish() {
  if (current_ && !done_) done_ = std::exchange(current_, std::nullopt);
}

void LsofFields::set(char field, std::string_view value) {
  if (field == 'c') command_ = std::string(value);
  if (field == 'K') thread_ = true;
  if (!current_) return;
  Entry& entry = *current_;
  if (field == 'l') {
    entry.lock_column = true;
    entry.locked = !value.empty() && value != "N";
  } else if (field == 't') {
    entry.regular = value == "REG" || value == "VREG";
    entry.type = std::string(value);
  } else if (field == 's' && is_number(value)) {
    entry.bytes = number_of(value);
  } else if (field == 'i' && is_number(value)) {
    entry.inode = static_cast<ino_t>(number_of(value));
  } else if (field == 'k') {
    entry.link_count = true;
    entry.deleted = entry.deleted || value == "0";
  } else if (field == 'n') {
    take_name(value, entry);
  }
}

bool LsofFields::accept(std::string_view line) {
  const bool begins = line.starts_with('p') && is_number(line.substr(1));
  inside_ = begins || (inside_ && is_field(line));
  if (!inside_) {
    finish();
    return false;
  }
  const std::string_view value = line.substr(1);
  if (begins) {
    finish();
    pid_ = number_of(value);
    command_.clear();
    thread_ = false;
  } else if (line[0] == 'f') {
    finish();
    current_.emplace();
    current_->pid = pid_;
    current_->command = command_;
    current_->thread = thread_;
    current_->fd = std::string(value);
    current_->descriptor = is_number(value);
    current_->deleted_map = value == "DEL";
  } else {
    set(line[0], value);
  }
  return true;
}

std::optional<Entry> LsofFields::take(bool last) {
  if (last) finish();
  return std::exchange(done_, std::nullopt);
}

}  // namespace walsoak::watch
