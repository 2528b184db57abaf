#include "harness/field/listing/listing_reader.h"

#include <algorithm>
#include <iterator>

#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

// watch shows the lines for which there is room; the lowest terminal in use has 24 lines.
constexpr std::size_t kScreenRows = 20;

bool has_word(std::string_view line, std::string_view word) {
  const auto tokens = tokens_of(line);
  return std::any_of(tokens.begin(), tokens.end(), [word](const Token& token) { return token.text == word; });
}

bool is_column_names(std::string_view line) {
  return has_word(line, "COMMAND") && has_word(line, "PID") && has_word(line, "FD");
}

// "...", "[...]", "... (498 more)", "<snip>": what people put where they left lines out.
bool is_omission(std::string_view line) {
  const std::size_t first = line.find_first_not_of("[(< ");
  if (first == line.npos) return false;
  line = line.substr(first);
  for (const std::string_view mark : {"...", "\xe2\x80\xa6", "snip"})
    if (line.starts_with(mark)) return true;
  return false;
}

// The number right behind `mark`.
std::optional<std::int64_t> number_behind(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == line.npos) return std::nullopt;
  const std::string_view rest = line.substr(at + mark.size());
  const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  return is_number(digits) ? std::optional(number_of(digits)) : std::nullopt;
}

}  // namespace

void ListingReader::begin_sample() {
  if (!now_.entries.empty()) {
    now_.shortened = now_.shortened || (screen_ && now_.entries.size() >= kScreenRows);
    all_.samples.push_back(std::move(now_));
    now_ = {};
  }
  seen_.clear();
  last_.reset();
  pause_ = false;
}

// Whether this descriptor cannot be of the listing before it.
bool ListingReader::repeats(const Entry& entry) const {
  const std::int64_t pid = entry.pid.value_or(0);
  const bool name_alone = entry.fd.empty();
  // In a list of names each line is a descriptor, and the same name comes again and again.
  const bool each_once = !name_alone || entry.mixed || entry.on_disk || pause_;
  if (seen_.contains({pid, name_alone ? entry.path : entry.fd}) && each_once) return true;
  // After a pause, listings go upward: lsof by number, ls by text.
  if (!pause_ || !last_ || last_->first != pid || !entry.number()) return false;
  return entry.lock_column ? *entry.number() <= number_of(last_->second) : entry.fd <= last_->second;
}

void ListingReader::add(Entry entry, std::string_view line) {
  if (entry.fd == "NOFD") all_.denied = all_.lines;
  if (entry.thread || entry.fd == "NOFD") return;
  if (!entry.pid && !entry.on_disk) entry.pid = pid_;
  if (entry.task.empty()) entry.task = task_;
  auto& tasks = tasks_seen_[entry.pid.value_or(0)];
  if (std::find(tasks.begin(), tasks.end(), entry.task) == tasks.end()) tasks.push_back(entry.task);
  const auto table = tables_.find(entry.pid.value_or(0));
  if (table != tables_.end() && table->second != entry.task) return;
  if (repeats(entry)) begin_sample();
  const std::int64_t pid = entry.pid.value_or(0);
  if (entry.fd.empty()) {
    seen_.insert({pid, entry.path});
  } else if (entry.number() || entry.fd == "cwd") {
    seen_.insert({pid, entry.fd});
  }
  if (entry.number()) last_ = {pid, entry.fd};
  pause_ = false;
  if (now_.entries.empty() && !now_.moment) now_.moment = time_in(line.substr(0, entry.begin));
  entry.line = all_.lines;
  entry.width = width_;
  now_.entries.push_back(std::move(entry));
}

// Lines that begin a sample.
bool ListingReader::accept_heading(std::string_view line) {
  if (is_column_names(line)) {
    const auto moment = time_in(line);
    begin_sample();
    now_.heading = true;
    if (moment) now_.moment = moment;
    return true;
  }
  if (line.starts_with("====")) {  // lsof -r: the end of a listing, with its time behind r's m
    if (!now_.moment) now_.moment = time_in(line);
    begin_sample();
    now_.moment.reset();
    return true;
  }
  if (line.starts_with("Every ") && line.find("s:") != line.npos) {  // watch
    screen_ = true;
    begin_sample();
    now_.moment = time_in(line);
    return true;
  }
  return false;
}

bool ListingReader::accept_entry(std::string_view line) {
  for (const auto row : {lsof_row, descriptor_link, busybox_row, folder_row}) {
    auto entry = row(line);
    if (!entry) continue;
    if (entry->on_disk && entry->bare && !folder_.empty()) {
      entry->path.insert(0, folder_);
      entry->bare = false;
    }
    add(std::move(*entry), line);
    return true;
  }
  auto entries = counted_names(line);
  for (Entry& entry : entries) add(std::move(entry), line);
  return !entries.empty();
}

bool ListingReader::holds(std::int64_t pid) const {
  return std::any_of(now_.entries.begin(), now_.entries.end(),
                     [pid](const Entry& entry) { return entry.pid == pid; });
}

void ListingReader::accept_pid_line(std::int64_t pid) {
  all_.pid_lines = true;
  if (holds(pid)) begin_sample();
  pid_ = pid;
  task_.clear();
  pause_ = true;
}

// "=== container web-1 ===", "pod web-1:", "$ docker exec web-1 ls -l /proc/1/fd".
void ListingReader::accept_place(std::string_view line) {
  std::vector<std::string_view> words;
  for (const Token& token : tokens_of(line))
    if (token.text.find_first_not_of("=-#*:") != token.text.npos) words.push_back(token.text);
  const bool remote = has_word(line, "exec") || has_word(line, "ssh");
  const auto is_kind = [](std::string_view word) {
    return word == "container" || word == "pod" || word == "host" || word == "instance" || word == "replica";
  };
  // More words are a sentence.
  if (remote || (words.size() == 2 && is_kind(words.front()))) all_.places.insert(std::string(line));
}

// ls's heading of one of several folders: "/data:", "./data:".
void ListingReader::accept_folder(std::string_view line) {
  if (!line.ends_with(':') || line.find_first_of(" \t") != line.npos) return;
  line.remove_suffix(1);
  if (line.starts_with('/') && !line.starts_with("/proc/"))
    folder_ = std::string(line.ends_with('/') ? line.substr(0, line.size() - 1) : line);
}

// The pid in a command line, in a heading of ls or in find's line of the folder itself. Whether the listing
// before is over: a heading of another process goes on with it.
bool ListingReader::accept_process(std::string_view line) {
  auto pid = number_behind(line, "/proc/");
  if (!pid) pid = number_behind(line, "-p ");
  if (pid) pid_ = pid;
  const auto task = number_behind(line, "/task/");
  if (pid) task_ = task ? std::to_string(*task) : "";
  const bool is_folder = line.find("/fd") != line.npos;
  const bool goes_on =
      pid && is_folder && (line.ends_with(':') || line.ends_with("/fd")) && (task || !holds(*pid));
  const bool finds_line =
      pid && line.ends_with("/fd") && tokens_of(line).size() > 3 && line.find(" dr") != line.npos;
  if (finds_line) now_.folder = true;
  return !goes_on && (pid || has_word(line, "lsof"));
}

// What stands between listings.
void ListingReader::accept_remark(std::string_view line) {
  const auto tokens = tokens_of(line);
  if (line == "total 0") {
    now_.folder = true;
    return;
  }
  if (line.starts_with("Max open files") && tokens.size() > 3 && is_number(tokens[3].text)) {
    all_.descriptor_limit = number_of(tokens[3].text);
    return;
  }
  // fuser says so of each process that is another user's.
  if (line.find("Permission denied") != line.npos && !line.starts_with("Cannot stat file"))
    all_.denied = all_.lines;
  accept_folder(line);
  accept_place(line);
  for (const char* command : {"docker", "podman", "kubectl", "nerdctl", "lxc", "crictl"})
    if (has_word(line, command) && has_word(line, "exec")) all_.container = command;
  const auto moment = time_in(line);
  const bool new_process = accept_process(line);
  if (moment || new_process) begin_sample();
  if (moment) now_.moment = moment;
  if (line.find("| head") != line.npos || line.find("| tail") != line.npos || is_omission(line))
    now_.shortened = true;
  pause_ = true;
}

void ListingReader::accept(std::string_view raw) {
  ++all_.lines;
  const std::string line = clean_line(raw);
  width_ = width_of(raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw);
  const bool field = fields_.accept(line);
  while (auto entry = fields_.take()) {
    add(std::move(*entry), {});
  }
  if (field) {
    if (line[0] == 'm') begin_sample();
    return;
  }
  if (line.empty()) {
    pause_ = true;
  } else if (const auto pid = pid_lines_.find(all_.lines); pid != pid_lines_.end()) {
    accept_pid_line(pid->second);
  } else if (locks_.accept(line)) {
    pause_ = true;
  } else if (!accept_heading(line) && !accept_entry(line)) {
    accept_remark(line);
  }
}

// Sizes of files beside the descriptors on them; alone they are what the text is about.
void ListingReader::put_folders_aside() {
  const auto on_disk = [](const Entry& entry) { return entry.on_disk; };
  const bool alone = std::all_of(all_.samples.begin(), all_.samples.end(), [&](const ListingSample& sample) {
    return std::all_of(sample.entries.begin(), sample.entries.end(), on_disk);
  });
  if (alone) return;
  for (ListingSample& sample : all_.samples) {
    std::copy_if(sample.entries.begin(), sample.entries.end(), std::back_inserter(all_.on_disk), on_disk);
    std::erase_if(sample.entries, on_disk);
  }
  std::erase_if(all_.samples, [](const ListingSample& sample) { return sample.entries.empty(); });
}

Listings ListingReader::finish() {
  while (auto entry = fields_.take(true)) add(std::move(*entry), {});
  begin_sample();
  put_folders_aside();
  // Of several looks it is not known to which the locks belong.
  if (all_.samples.size() == 1) locks_.join(all_.samples.front().entries);
  return std::move(all_);
}

TableTasks ListingReader::tables() const {
  const auto words = [](const std::string& task) { return tokens_of(task).size(); };
  TableTasks tables;
  for (const auto& [pid, tasks] : tasks_seen_) {
    if (tasks.size() < 2) continue;
    tables[pid] =
        *std::min_element(tasks.begin(), tasks.end(),
                          [&](const std::string& a, const std::string& b) { return words(a) < words(b); });
  }
  return tables;
}

}  // namespace walsoak::watch
