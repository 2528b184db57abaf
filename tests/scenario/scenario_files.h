// A folder for scenario files that goes away after the test, and the error that loading one of them gives.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "harness/model/cells/scenario.h"

namespace walsoak::scenario {

class ScenarioFiles : public testing::Test {
 protected:
  ScenarioFiles() {
    std::string name = testing::TempDir() + "scenario_XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~ScenarioFiles() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // A scenario of these members and the version.
  Scenario load(const std::string& members, const Overrides& overrides = {}) const {
    const std::string comma = members.empty() ? "" : ", ";
    return load_text("{\"schema_version\": 1" + comma + members + "}", overrides);
  }
  Scenario load_text(const std::string& text, const Overrides& overrides = {}) const {
    return load_scenario(write("s.json", text), vocabulary_, overrides);
  }

  std::string error_of(const std::string& members, const Overrides& overrides = {}) const {
    return error_from([&] { load(members, overrides); });
  }
  std::string error_of_text(const std::string& text) const {
    return error_from([&] { load_text(text); });
  }

  // The line of the error with the folder's name taken out, or "no error".
  template <typename Act>
  std::string error_from(const Act& act) const {
    try {
      act();
    } catch (const ScenarioError& error) {
      std::string line = error.what();
      const std::string prefix = folder_.string() + "/";
      for (auto at = line.find(prefix); at != std::string::npos; at = line.find(prefix))
        line.erase(at, prefix.size());
      return line;
    }
    return "no error";
  }

  std::filesystem::path folder_;
  Vocabulary vocabulary_{{"per-tick", "wal-safe-close", "persistent", "unclosed", "noop", "planted-leak",
                          "shared", "thread-local", "pool", "breathing-pool"}};
};

}  // namespace walsoak::scenario
