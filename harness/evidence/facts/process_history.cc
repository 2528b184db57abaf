#include "harness/evidence/facts/process_history.h"

namespace walsoak::facts {

using nlohmann::ordered_json;

void ProcessHistory::accept_header(const ordered_json& line) {
  subject_ = line.value("subject", ordered_json::object());
  everything_.set_phase(cell_.series().phase());
  const ordered_json settings = line.value("settings", ordered_json::object());
  peeked_ = settings.value("peek", false);
  clocked_ = cell_.free_running() || settings.value("every_s", ordered_json()).is_number() ||
             settings.value("spacing", std::string{}) == "known";
}

// The moment of the sample, and the whole of the process.
void ProcessHistory::accept_any(const ordered_json& line, const Sample& sample) {
  last_us_ = line.value("t_us", std::int64_t{0});
  if (samples_++ == 0) first_us_ = last_us_;
  Counts all;
  all[Key::descriptors_net] = sample.process[static_cast<std::size_t>(ProcessKey::descriptors)];
  everything_.accept(sample.with_total(all));
}

void ProcessHistory::accept(const ordered_json& line) {
  cell_.accept(line);
  const std::string type = line.value("type", std::string{});
  if (type == "header") {
    accept_header(line);
    for (const ordered_json& board : line.value("boards", ordered_json::array()))
      paths_[board.value("name", std::string{})] = board.value("path", std::string{});
  } else if (type == "event" && line.value("event", std::string{}) == "database") {
    paths_[line.value("name", std::string{})] = line.value("path", std::string{});
  } else if (type == "event" && line.value("event", std::string{}) == "sqlite") {
    libraries_.emplace();
    for (const ordered_json& library : line.value("libraries", ordered_json::array()))
      libraries_->emplace_back(library.value("file", std::string{}), library.value("version", std::string{}));
  } else if (type == "sample") {
    const Sample sample = cell_.reader().read(line);
    accept_any(line, sample);
  }
}

}  // namespace walsoak::facts
