#include "benchmarks/tick_lines.h"

namespace walsoak::benchmarks {

using Json = nlohmann::ordered_json;

TickLines::TickLines(const IdlePass& pass, const std::string& name)
    : stream_(pass.folder().run(), name + ".jsonl") {
  Json settings = default_settings();
  settings["mode"] = "free";
  settings["workers"] = 0;
  const Json header = {{"type", "header"},
                       {"settings", settings},
                       {"boards", Json::array({{{"name", pass.board().name}, {"path", pass.board().path}}})},
                       {"strategy", {{"name", settings.at("strategy")}}},
                       {"columns", Json::array()}};
  stream_.append(header);
  facts_.accept(header);
}

void TickLines::append() {
  Json line = {{"type", "tick"}, {"tick", tick_}, {"t_us", 60000000 * tick_}, {"late_us", 210}, {"missed", 0},
               {"ok", true},     {"lag_us", 310}};
  for (const char* step : {"triage", "dispatch", "probe"}) {
    line["steps"][step] = {{"ok", true}, {"latency_us", 1800 + tick_ % 100}, {"wait_us", 40}};
  }
  stream_.append(line);
  facts_.accept(line);
  ++tick_;
}

}  // namespace walsoak::benchmarks
