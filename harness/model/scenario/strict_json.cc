#include "harness/model/scenario/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/os/run_folder.h"
#include "harness/model/scenario/scenario_error.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

// No scenario nests deeper than a few levels; text that does would only exhaust the stack of whoever prints
// it.
constexpr std::size_t kDeepest = 32;

// The parser's own words without its prefix "[json.exception...] parse error at line 1, column 2: ".
std::string reason_of(const std::exception& error) {
  constexpr std::size_t kLongest = 200;
  std::string_view text = error.what();
  if (const auto end = text.find("] "); end != std::string_view::npos) text.remove_prefix(end + 2);
  if (text.starts_with("parse error at ")) text.remove_prefix(text.find(": ") + 2);
  return std::string(text.substr(0, kLongest));
}

class Builder : public nlohmann::json_sax<ordered_json> {
 public:
  Builder(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  ordered_json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // only binary formats have it
  bool start_object(std::size_t) override { return open(ordered_json::object()); }
  bool start_array(std::size_t) override { return open(ordered_json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back()->contains(name))
      place().at(name).fail("stands twice in one object", "valid: each key once");
    key_ = name;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // `position` counts the offending byte, and at the end of the text one more than there is.
    const std::string_view before = text_.substr(0, std::min(position == 0 ? 0 : position - 1, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
    throw ScenarioError(
        fmt::format("{}:{}:{}: {}", file_, line, before.size() - start + 1, reason_of(error)));
  }

 private:
  ordered_json* put(ordered_json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(value));
  }

  bool add(ordered_json value) {
    put(std::move(value));
    return true;
  }

  bool open(ordered_json empty) {
    if (open_.size() == kDeepest) {
      place().fail(fmt::format("nested deeper than {} levels", kDeepest),
                   "valid: what scenario.schema.json describes");
    }
    // An element's address holds while it is open: only the innermost open value grows.
    open_.push_back(put(std::move(empty)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // The innermost open value; each open value is the last one of the value around it.
  Place place() const {
    Place at{file_, ""};
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      const ordered_json& outer = *open_[i];
      at = outer.is_array() ? at.at(outer.size() - 1) : at.at(std::prev(outer.end()).key());
    }
    return at;
  }

  std::string_view text_;
  const std::string& file_;
  ordered_json root_;
  std::vector<ordered_json*> open_;
  std::string key_;
};

}  // namespace

ordered_json parse_strict(std::string_view text, const std::string& file) {
  Builder builder(text, file);
  ordered_json::sax_parse(text, &builder);
  return builder.take();
}

ordered_json read_strict(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) Place{path.string(), ""}.fail("is a folder", "valid: a JSON file");
  std::string text;
  try {
    text = os::read_file(path);
  } catch (const std::system_error& error) {
    Place{path.string(), ""}.fail("cannot be read: " + error.code().message(), "valid: a readable JSON file");
  }
  return parse_strict(text, path.string());
}

}  // namespace walsoak::scenario
