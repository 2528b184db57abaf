#include "harness/base/os/environment.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "harness/base/os/commit.h"
#include "harness/base/os/proc_text.h"

namespace walsoak::os {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string_view take_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(field.size() + 1, line.size()));
  return field;
}

// mountinfo writes a blank in a path as \040, and tab, newline and backslash likewise.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 3)), nullptr, 8));
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

Json or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json();
}

Json limit_json(rlim_t limit) {
  return limit == RLIM_INFINITY ? Json() : Json(limit);
}

// A text of the system, or nothing: an environment block never stops a run.
std::string system_text(const std::string& path) {
  try {
    return read_proc_text(path).value_or("");
  } catch (const std::system_error&) {
    return "";
  }
}

std::string distribution_text() {
  const std::string own = system_text("/etc/os-release");
  return own.empty() ? system_text("/usr/lib/os-release") : own;
}

// Those that this process may run on, asked of the kernel: the C library would read /sys.
int cpu_count() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  return ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

void add_person(Json& block, Sources sources) {
  const uid_t user = ::geteuid();
  const auto found = sources == Sources::all ? parse_passwd(system_text("/etc/passwd"), user) : std::nullopt;
  const std::string name = found ? found->name : variable("USER").value_or(std::to_string(user));
  block["user"] = name;
  block["home"] = variable("HOME").value_or(found ? found->home : "/");
}

}  // namespace

std::optional<std::string> file_system_of(std::string_view mountinfo, const fs::path& path) {
  std::optional<std::string> type;
  std::size_t longest = 0;
  while (!mountinfo.empty()) {
    std::string_view line = take_line(mountinfo);
    std::string_view head = line;
    for (int skipped = 0; skipped < 4; ++skipped) take_field(head);
    const std::string mount_point = unescape(take_field(head));
    const std::size_t separator = line.find(" - ");
    if (separator == std::string_view::npos) continue;
    line.remove_prefix(separator + 3);
    // The innermost mount point holds the path; of two on the same point the later covers the earlier.
    if (mount_point.size() < longest || !lies_in(path, mount_point)) continue;
    longest = mount_point.size();
    type = std::string(take_field(line));
  }
  return type;
}

std::optional<std::string> parse_pretty_name(std::string_view os_release) {
  constexpr std::string_view kLabel = "PRETTY_NAME=";
  while (!os_release.empty()) {
    std::string_view line = take_line(os_release);
    if (!line.starts_with(kLabel)) continue;
    line.remove_prefix(kLabel.size());
    if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front()) {
      line = line.substr(1, line.size() - 2);
    }
    return std::string(line);
  }
  return std::nullopt;
}

std::optional<std::string> parse_cpu_model(std::string_view cpuinfo) {
  while (!cpuinfo.empty()) {
    const std::string_view line = take_line(cpuinfo);
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string_view::npos) {
      return std::string(line.substr(colon + 2));
    }
  }
  return std::nullopt;
}

std::optional<Person> parse_passwd(std::string_view passwd, uid_t user) {
  while (!passwd.empty()) {
    std::string_view line = take_line(passwd);
    std::string_view fields[6];  // name, password, user, group, comment, home
    for (std::string_view& field : fields) {
      field = line.substr(0, line.find(':'));
      line.remove_prefix(std::min(field.size() + 1, line.size()));
    }
    if (fields[2] == std::to_string(user)) return Person{std::string(fields[0]), std::string(fields[5])};
  }
  return std::nullopt;
}

Json environment_block(const fs::path& folder, Sources sources) {
  utsname system{};
  ::uname(&system);
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  std::error_code unresolved;
  const fs::path resolved = fs::weakly_canonical(folder, unresolved);

  Json block;
  block["kernel"] = std::string(system.sysname) + " " + system.release;
  block["machine"] = system.machine;
  block["distribution"] =
      or_null(sources == Sources::all ? parse_pretty_name(distribution_text()) : std::nullopt);
  block["cpu_model"] = or_null(parse_cpu_model(system_text("/proc/cpuinfo")));
  block["cpu_count"] = cpu_count();
  block["memory_bytes"] = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  block["file_system"] = or_null(file_system_of(system_text("/proc/self/mountinfo"), resolved));
  block["descriptor_limit_soft"] = limit_json(limit.rlim_cur);
  block["descriptor_limit_hard"] = limit_json(limit.rlim_max);
  block["compiler"] = compiler();
  block["build_type"] = WALSOAK_BUILD_TYPE;
  block["sanitizer"] = *WALSOAK_SANITIZER ? WALSOAK_SANITIZER : "none";
  block["commit"] = WALSOAK_COMMIT;
  block["hostname"] = system.nodename;
  add_person(block, sources);
  return block;
}

}  // namespace walsoak::os
