#include "harness/lab/session/cell_processes.h"

#include <unistd.h>

#include "harness/base/os/process.h"
#include "harness/base/proc/process_status.h"

#include "harness/base/shared/errors.h"
#include "harness/lab/launch/programs.h"
#include "harness/lab/session/cell_files.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

std::string sqlite_of(const nlohmann::ordered_json& values, const char* role) {
  return values.at(std::string("sqlite.") + role).get<std::string>();
}

std::vector<observer::BoardFiles> board_files(const std::filesystem::path& root, std::int64_t count) {
  std::vector<observer::BoardFiles> boards;
  for (std::int64_t i = 1; i <= count; ++i) {
    const std::string name = board_name(i);
    boards.push_back({name, (root / "boards" / name / "kanban.db").string()});
  }
  return boards;
}

}  // namespace

CellProcesses::CellProcesses(std::string cell, const nlohmann::ordered_json& values,
                             const os::RunFolder& folder)
    : cell_(std::move(cell)),
      values_(values),
      root_(folder.make_folder(cell_folder(cell_))),
      folder_(folder),
      boards_(board_files(root_, values.at("boards").get<std::int64_t>())),
      workers_(worker_cell()) {
  folder.make_folder(acknowledgements());
  folder.make_folder(copies());
  folder.make_folder(root_ / "stderr");
}

Message CellProcesses::worker_cell() const {
  Message message = protocol::make("cell");
  message["id"] = 0;
  message["cell"] = cell_;
  message["settings"] = values_;
  message["ack_dir"] = acknowledgements().string();
  return message;
}

void CellProcesses::check_sqlite(const Message& hello, const char* role) const {
  const std::string wanted = sqlite_of(values_, role);
  const std::string loaded = hello.at("sqlite").at("version").get<std::string>();
  if (wanted != "system" && wanted != loaded) {
    throw Failed(fmt::format("the cell names SQLite {} for the {}, but {} runs on {}", wanted, role,
                             hello.value("program", role), loaded));
  }
}

Child::Plan CellProcesses::plan_of(const std::string& name, const std::string& role) const {
  return {.name = name,
          .role = role,
          .argv = {},
          .environment = {},
          .log = folder_.open_for_append(stderr_of(name)),
          .log_path = stderr_of(name),
          .on_event = {}};
}

void CellProcesses::start_checker() {
  Child::Plan plan = plan_of("checker", "checker");
  plan.argv = {program("walsoak-checker")};
  plan.environment = sqlite_environment(sqlite_of(values_, "checker"));
  checker_ = std::make_unique<Child>(std::move(plan));
  check_sqlite(checker_->hello(), "checker");
}

Child::Plan CellProcesses::subject_plan(const std::string& name, const std::string& role,
                                        const SubjectProgram& program) const {
  Child::Plan plan = plan_of(name, role);
  plan.environment = sqlite_environment(program.version);
  plan.argv = command_line_of(program, plan.environment);
  // What a command needs to find a program of the checkout.
  if (program.subject == "exec") plan.environment["WALSOAK_HOME"] = home_folder().string();
  return plan;
}

void CellProcesses::start_subject(std::function<void(const Message&)> on_event) {
  Child::Plan plan = subject_plan("subject", "subject", subject_program(values_));
  plan.on_event = std::move(on_event);
  subject_ = std::make_unique<Child>(std::move(plan));
  check_sqlite(subject_->hello(), "subject");
  const bool free_running = values_.at("mode") == "free";
  std::vector<std::string> needed = {free_running ? "free" : "lockstep"};
  if (values_.at("workers") != 0) needed.emplace_back("spawn");
  if (!values_.at("module").get_ref<const std::string&>().empty()) needed.emplace_back("module");
  if (values_.at("collector") == "every-n") needed.emplace_back("collector-every-n");
  if (values_.at("close_checkpoint") != "on") needed.emplace_back("close-checkpoint");
  if (values_.at("collector") == "auto") needed.emplace_back("collector-auto");
  const Message& offered = subject_->hello().at("capabilities");
  for (const std::string& capability : needed) {
    if (std::find(offered.begin(), offered.end(), capability) == offered.end()) {
      throw Refused(fmt::format("cell {} needs a subject with the capability {}; {} has not", cell_,
                                capability, subject_->hello().value("program", "it")));
    }
  }
}

void CellProcesses::start_others(
    const std::function<void(const std::string& name, const Message&)>& on_message) {
  for (const std::string& name : other_process_names(Settings::from_json(values_))) {
    // Outside writers use the workers' SQLite: both can be the last to close a board, and that version
    // decides.
    const char* const library_of = role_of(name) == "outside" ? "worker" : "subject";
    Child::Plan plan = subject_plan(name, role_of(name), {"cpp", "", sqlite_of(values_, library_of)});
    plan.on_event = [name, on_message](const Message& message) { on_message(name, message); };
    others_.push_back({name, std::make_unique<Child>(std::move(plan))});
    check_sqlite(others_.back().child->hello(), library_of);
    Message message = gateway_cell();
    if (role_of(name) == "outside") {
      // Its own way of connecting, whatever the gateway's is.
      const bool held = message["settings"]["outside_connection"] == "held";
      message["settings"]["strategy"] = held ? "persistent" : "per-tick";
      message["settings"]["scope"] = "process";
      message["settings"]["fingerprint"] = "inode";
      message["settings"]["max_cached_connections"] = 0;
    }
    message["settings"]["held_connection"] = "off";
    message["settings"]["subject"] = "cpp";
    message["settings"]["exec_command"] = "";
    message["settings"]["module"] = "";
    message["writer"] = name;
    message["worker_prefix"] = "v";
    others_.back().child->peer().call(message, kStepPatienceMs);
  }
}

Child& CellProcesses::process(const std::string& name) {
  if (name == "subject") return *subject_;
  for (OtherProcess& other : others_) {
    if (other.name == name) return *other.child;
  }
  throw Failed("the cell has no process " + name);
}

std::vector<std::pair<std::string, Child*>> CellProcesses::of_roles() const {
  std::vector<std::pair<std::string, Child*>> roles;
  if (subject_) roles.emplace_back("subject", subject_.get());
  if (checker_) roles.emplace_back("checker", checker_.get());
  return roles;
}

std::string CellProcesses::last_said_by_subject() const {
  return subject_ ? subject_->peer().last_said() : "none";
}

Message CellProcesses::board_list() const {
  Message list = Message::array();
  for (const observer::BoardFiles& board : boards_)
    list.push_back({{"name", board.name}, {"path", board.main_path}});
  return list;
}

Message CellProcesses::begin() {
  return subject_->peer().call(gateway_cell(), kStepPatienceMs);
}

Message CellProcesses::gateway_cell() const {
  Message message = worker_cell();
  message["boards"] = board_list();
  Message environment = Message::object();
  // A worker on the system's SQLite must not inherit the subject's other one.
  const EnvironmentChanges for_worker = sqlite_environment(sqlite_of(values_, "worker"));
  for (const auto& [name, value] : sqlite_environment(sqlite_of(values_, "subject"))) {
    const char* const ours = std::getenv(name.c_str());
    environment[name] = ours != nullptr ? Message(ours) : Message(nullptr);
  }
  // A limit that a fault puts on the subject is no worker's.
  const auto own_limit = os::read_process_status(::getpid());
  if (own_limit && own_limit->descriptor_limit) {
    environment[os::kDescriptorLimitVariable] = std::to_string(*own_limit->descriptor_limit);
  }
  for (const auto& [name, value] : for_worker) environment[name] = value ? Message(*value) : Message(nullptr);
  message["worker"] = {{"argv",
                        {program("walsoak-worker").string(), "--socket", workers_.socket_path(), "--stderr",
                         (root_ / "stderr").string()}},
                       {"env", std::move(environment)}};
  return message;
}

void CellProcesses::check_worker(const Message& hello) const {
  check_sqlite(hello, "worker");
}

}  // namespace walsoak::lab
