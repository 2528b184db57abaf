#include "harness/cli/vocabulary_json.h"

#include <string>

#include "harness/model/vocabulary/faults.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/mechanisms.h"
#include "harness/model/vocabulary/metrics.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::cli {
namespace {

using nlohmann::ordered_json;

const char* text(Harm harm) {
  switch (harm) {
    case Harm::rows:
      return "rows";
    case Harm::service:
      return "service";
    case Harm::descriptors:
      return "descriptors";
    case Harm::unknown:
      return "unknown";
    case Harm::none:
      return "none";
  }
  return "";
}

const char* text(SettingKind kind) {
  switch (kind) {
    case SettingKind::choice:
      return "choice";
    case SettingKind::integer:
      return "integer";
    case SettingKind::number:
      return "number";
    case SettingKind::text:
      return "text";
    case SettingKind::order:
      return "order";
    case SettingKind::faults:
      return "faults";
  }
  return "";
}

ordered_json findings_json() {
  ordered_json list = ordered_json::array();
  for (const FindingInfo& info : findings_table()) {
    list.push_back(
        {{"name", info.name}, {"harm", text(info.harm)}, {"colour", info.colour}, {"meaning", info.meaning}});
  }
  return list;
}

// `letter` is null for a look-alike, which only diagnoses name.
ordered_json mechanisms_json() {
  ordered_json list = ordered_json::array();
  const auto add = [&](const MechanismInfo& info) {
    list.push_back(
        {{"name", info.name},
         {"letter", info.letter == '\0' ? ordered_json() : ordered_json(std::string(1, info.letter))},
         {"meaning", info.meaning},
         {"risk", info.risk},
         {"cures", info.cures},
         {"no_cures", info.no_cures}});
  };
  for (const std::string_view name : mechanism_names()) add(mechanism_info(name));
  for (const MechanismInfo& info : mechanisms_table()) {
    if (info.letter == '\0') add(info);
  }
  return list;
}

ordered_json metrics_json() {
  ordered_json list = ordered_json::array();
  for (const MetricInfo& info : metrics_table()) {
    list.push_back({{"name", info.name},
                    {"unit", info.unit},
                    {"better", direction_text(info.better)},
                    {"nature", info.nature == Nature::counted ? "counted" : "measured"},
                    {"free_running", info.free_running},
                    {"meaning", info.meaning}});
  }
  return list;
}

ordered_json settings_json() {
  ordered_json list = ordered_json::array();
  for (const SettingInfo& info : settings_table()) {
    ordered_json one = {{"name", info.name},
                        {"kind", text(info.kind)},
                        {"default", info.default_value},
                        {"summary", info.summary}};
    if (info.kind == SettingKind::choice) one["choices"] = info.choices;
    if (info.kind == SettingKind::integer || info.kind == SettingKind::number) {
      one["minimum"] = info.min;
      one["maximum"] = info.max;
    }
    list.push_back(std::move(one));
  }
  return list;
}

ordered_json faults_json() {
  ordered_json list = ordered_json::array();
  for (const FaultInfo& info : faults_table()) {
    ordered_json one = {{"name", info.name},
                        {"keys", info.keys},
                        {"lasts", info.lasts},
                        {"needs_board", info.needs_board},
                        {"summary", info.summary}};
    for (const std::string_view key : info.keys) {
      if (const auto words = fault_words(info.name, key); !words.empty())
        one["words"][std::string(key)] = words;
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

ordered_json vocabulary_json() {
  return {{"findings", findings_json()},
          {"mechanisms", mechanisms_json()},
          {"metrics", metrics_json()},
          {"settings", settings_json()},
          {"faults", faults_json()}};
}

}  // namespace walsoak::cli
