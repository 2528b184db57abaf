// Where a run took place: machine, system, limits and how this program was built. Numbers mean little without
// it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace walsoak::os {

// What may be opened to describe the machine: files of /etc too, or /proc alone.
enum class Sources { all, proc_only };

// The environment block of run.json; `folder` is where the boards lie. What the system does not tell is null.
// `hostname`, `user` and `home` are there to be redacted: reports must not show them. From /proc alone, the
// distribution is null and the user is who $USER says, or the number.
nlohmann::ordered_json environment_block(const std::filesystem::path& folder, Sources sources = Sources::all);

// The type of the file system that `path` (absolute, links resolved) lies on, from the text of
// /proc/self/mountinfo.
std::optional<std::string> file_system_of(std::string_view mountinfo, const std::filesystem::path& path);

// The value of PRETTY_NAME in the text of an os-release file.
std::optional<std::string> parse_pretty_name(std::string_view os_release);
// Name and home of a user in the text of /etc/passwd. Read as a text: getpwuid(3) loads the system's name
// services, which a static program must not.
struct Person {
  std::string name, home;
};
std::optional<Person> parse_passwd(std::string_view passwd, uid_t user);

// The first "model name" in the text of /proc/cpuinfo; not every architecture has one.
std::optional<std::string> parse_cpu_model(std::string_view cpuinfo);

}  // namespace walsoak::os
