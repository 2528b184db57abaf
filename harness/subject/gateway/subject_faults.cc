#include "harness/subject/gateway/subject_faults.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "harness/base/os/run_folder.h"
#include "harness/boards/board/visits.h"
#include "harness/boards/sqlite/vfs_faults.h"

namespace walsoak::subject {
namespace {

using protocol::Message;
using sqlite::VfsFault;
using sqlite::VfsFileKind;
using sqlite::VfsOperation;

VfsOperation operation_of(const std::string& name) {
  static const std::map<std::string, VfsOperation> operations = {
      {"write", VfsOperation::write},       {"read", VfsOperation::read}, {"sync", VfsOperation::sync},
      {"truncate", VfsOperation::truncate}, {"open", VfsOperation::open}, {"lock", VfsOperation::lock},
      {"shm-map", VfsOperation::shm_map}};
  return operations.at(name);
}

// What the unix VFS itself returns where the system call behind the operation fails.
int code_of(VfsOperation operation) {
  switch (operation) {
    case VfsOperation::write:
      return SQLITE_IOERR_WRITE;
    case VfsOperation::read:
      return SQLITE_IOERR_READ;
    case VfsOperation::sync:
      return SQLITE_IOERR_FSYNC;
    case VfsOperation::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case VfsOperation::open:
      return SQLITE_CANTOPEN;
    case VfsOperation::lock:
      return SQLITE_IOERR_LOCK;
    case VfsOperation::shm_map:
      return SQLITE_IOERR_SHMMAP;
  }
  return SQLITE_IOERR;
}

VfsFileKind file_of(const std::string& name) {
  static const std::map<std::string, VfsFileKind> kinds = {{"any", VfsFileKind::any},
                                                           {"main", VfsFileKind::main},
                                                           {"wal", VfsFileKind::wal},
                                                           {"journal", VfsFileKind::journal}};
  return kinds.at(name);
}

void break_vfs(const Message& step) {
  const bool full = step.at("fault") == "disk-full";
  VfsFault fault;
  fault.number = step.at("number").get<std::int64_t>();
  fault.operation = full ? VfsOperation::write : operation_of(step.at("operation").get<std::string>());
  fault.file = file_of(step.at("file").get<std::string>());
  fault.database = step.value("path", "");
  fault.after = step.at("after").get<std::int64_t>();
  fault.count = step.at("count").get<std::int64_t>();
  fault.code = full ? SQLITE_FULL : code_of(fault.operation);
  sqlite::vfs_faults().set(std::move(fault));
}

// The child adds a task when the fault ends: through the connection that was open at the fork, which the
// parent then closes, or through one that it opens itself.
void fork_child(const StepContext& context, const Message& step) {
  const std::vector<board::Board> boards = context.gateway.listed();
  const auto board = std::find_if(boards.begin(), boards.end(),
                                  [&](const board::Board& known) { return known.name == step.at("board"); });
  if (board == boards.end()) throw board::AppError("none", "fork", "the board's file is not there");
  const auto connect = [&] {
    auto connection =
        context.gateway.connector().connect(*board, sqlite::Actor::held, sqlite::Affinity::owner_thread);
    connection->value("fork", "SELECT count(*) FROM sqlite_master");  // takes the shared lock
    return connection;
  };
  std::unique_ptr<sqlite::Connection> inherited;
  if (step.at("how") == "inherited") inherited = connect();
  const auto number = step.at("number").get<std::int64_t>();
  context.children.try_emplace(number, [&, number] {
    if (!inherited) inherited = connect();
    board::AcknowledgementLog log(context.acknowledgements, "child");
    board::slash_add(*inherited, log, board->name, fmt::format("{}-c{:06}", board->name, number),
                     step.at("time_s").get<std::int64_t>());
  });
  if (inherited) inherited->close();
}

}  // namespace

void carry_out_fault(const StepContext& context, const Message& step) {
  Gateway& gateway = context.gateway;
  const auto name = step.at("fault").get<std::string>();
  const auto number = step.at("number").get<std::int64_t>();
  const bool begins = step.at("phase") == "begin";
  if (name == "io-error" || name == "disk-full") {
    if (begins) {
      break_vfs(step);
    } else {
      sqlite::vfs_faults().clear(number);
    }
  } else if (name == "init-failure") {
    if (begins) {
      gateway.connector().fail_initialisation(number, step.value("path", ""),
                                              step.at("count").get<std::int64_t>());
    } else {
      gateway.connector().end_failing(number);
    }
  } else if (name == "raw-copy") {
    // The close of this read drops the process's POSIX locks on the file.
    os::read_file(step.at("path").get<std::string>());
  } else if (name == "fork") {
    if (begins) {
      fork_child(context, step);
    } else {
      context.children.at(number).act_and_end();
      context.children.erase(number);
    }
  } else if (name == "long-reader") {
    if (begins) {
      gateway.begin_read(number, step.at("board").get<std::string>());
    } else {
      gateway.end_read(number);
    }
  } else {
    throw std::invalid_argument("unknown fault " + name);
  }
}

}  // namespace walsoak::subject
