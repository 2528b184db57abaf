#include <nlohmann/json.hpp>

#include "harness/field/trace/summary.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::trace {
namespace {

using nlohmann::ordered_json;

void add_place(ordered_json& item, const Place& place) {
  item["place"] = place.at;
  item["module"] = place.module;
  item["called_from"] = place.rest;
}

ordered_json sites_json(const std::vector<OpenSite>& sites) {
  ordered_json all = ordered_json::array();
  for (const OpenSite& site : sites) {
    ordered_json item;
    add_place(item, site.place);
    item["opened"] = site.opened;
    item["closed"] = site.closed;
    item["freed_at_exit"] = site.freed_at_exit;
    item["open_at_end"] = site.left_open() - site.freed_at_exit;
    item["peak"] = site.peak;
    all.push_back(std::move(item));
  }
  return all;
}

ordered_json connections_json(const Summary& summary) {
  // Null is for a thing that was not looked at: it is not none.
  if (summary.attached) return nullptr;
  ordered_json all = ordered_json::array();
  for (const auto& [path, counts] : summary.connections) {
    all.push_back({{"path", path},
                   {"opened", counts.opened},
                   {"closed", counts.closed},
                   {"freed_at_exit", counts.freed_at_exit},
                   {"open_at_end", counts.open_at_end()},
                   {"peak", counts.peak},
                   {"zombies", counts.zombies_unknown > 0 ? ordered_json() : ordered_json(counts.zombies)},
                   {"failed", counts.failed},
                   {"places", sites_json(counts.sites)}});
  }
  return all;
}

ordered_json losses_json(const Summary& summary) {
  ordered_json all = ordered_json::array();
  for (const LossSite& site : summary.losses) {
    ordered_json item{
        {"mechanism", kLockLost}, {"path", site.path}, {"file", site.file}, {"call", site.call}};
    add_place(item, site.place);
    item["threads"] = site.threads;
    item["guarded"] = site.guarded;
    item["times"] = site.times;
    all.push_back(std::move(item));
  }
  return all;
}

ordered_json failures_json(const Summary& summary) {
  if (summary.attached) return nullptr;
  ordered_json all = ordered_json::array();
  for (const FailureSite& site : summary.failures) {
    ordered_json item{{"path", site.path}, {"call", site.call}, {"code", site.code}};
    add_place(item, site.place);
    item["times"] = site.times;
    all.push_back(std::move(item));
  }
  return all;
}

ordered_json inherited_json(const Summary& summary) {
  if (summary.attached) return nullptr;
  ordered_json all = ordered_json::array();
  for (const InheritedSite& site : summary.inherited) {
    ordered_json item{{"path", site.path}, {"call", site.call}};
    add_place(item, site.place);
    item["times"] = site.times;
    all.push_back(std::move(item));
  }
  return all;
}

}  // namespace

ordered_json json_of(const Summary& summary) {
  ordered_json unseen_calls = ordered_json::array(), unfollowed = ordered_json::array();
  for (const UnseenCalls& calls : summary.unseen_calls) {
    unseen_calls.push_back({{"object", calls.object}, {"why", calls.why}});
  }
  for (const UnfollowedProcess& process : summary.unfollowed) {
    unfollowed.push_back({{"pid", process.pid}, {"program", process.program}, {"why", process.why}});
  }
  return {{"schema_version", 1},
          {"attached", summary.attached},
          {"programs", summary.programs},
          {"locked_at_attach", summary.attached ? ordered_json(summary.locked) : nullptr},
          {"at_attach", ordered_json(summary.at_attach)},
          {"connections", connections_json(summary)},
          {"failures", failures_json(summary)},
          {"inherited_connections", inherited_json(summary)},
          {"unseen_connections", summary.unseen},
          {"unseen_calls", unseen_calls},
          {"killed", summary.attached ? ordered_json() : ordered_json(summary.killed)},
          {"not_followed", unfollowed},
          {"lock_losses", losses_json(summary)},
          {"unreadable_lines", summary.unreadable_lines}};
}

}  // namespace walsoak::trace
