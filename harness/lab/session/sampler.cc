#include "harness/lab/session/sampler.h"

#include "harness/base/proc/descriptor_table.h"
#include "harness/base/proc/process_status.h"

namespace walsoak::lab {

using protocol::Message;

Sampler::Sampler(pid_t subject, std::vector<observer::BoardFiles> boards, Scope scope)
    : subject_(subject), kernel_(std::move(boards)), scope_(scope) {}

bool Sampler::in_scope(const std::string& actor) const {
  if (actor == "dispatcher" || actor == "probe") return true;
  return scope_ == Scope::process && (actor == "triage" || actor == "notifier" || actor == "slash");
}

std::int64_t Sampler::total(const Message& by_actor, bool scope_only) const {
  std::int64_t sum = 0;
  for (const auto& [actor, count] : by_actor.items()) {
    if (!scope_only || in_scope(actor)) sum += count.get<std::int64_t>();
  }
  return sum;
}

void Sampler::add_api(Message& board, const Message& api) const {
  if (api.is_null()) {
    for (const char* key : {"api_open", "api_opened", "api_closed", "api_opened_in_scope"})
      board[key] = nullptr;
    return;
  }
  const std::int64_t opened = total(api.at("opened"), false);
  const std::int64_t closed = total(api.at("closed"), false);
  board["api_open"] = opened - closed;
  board["api_opened"] = opened;
  board["api_closed"] = closed;
  board["api_opened_in_scope"] = total(api.at("opened"), true);
}

void Sampler::add_vfs(Message& board, const Message& vfs) const {
  for (const char* key : {"main", "main_peak", "main_opens", "wal", "wal_opens", "journal", "shm", "shm_maps",
                          "syncs", "bytes_written", "bytes_read"}) {
    board[std::string("vfs_") + key] = vfs.is_null() ? Message(nullptr) : vfs.at(key);
  }
  const bool known = !vfs.is_null();
  board["vfs_wal_unlinks"] = known ? Message(total(vfs.at("wal_unlinks"), false)) : Message(nullptr);
  board["vfs_wal_unlinks_in_scope"] = known ? Message(total(vfs.at("wal_unlinks"), true)) : Message(nullptr);
}

Message Sampler::sample(const Message& ledgers) {
  const auto of_board = [&](const char* ledger, const std::string& board) {
    const Message& all = ledgers.at(ledger);
    return all.is_null() ? Message(nullptr) : all.at(board);
  };
  const auto table = os::read_descriptor_table(subject_);
  Message result;
  result["boards"] = Message::object();
  for (const auto& [name, kernel] : kernel_.look(table)) {
    Message board = Message::object();
    add_api(board, of_board("api", name));
    add_vfs(board, of_board("vfs", name));
    board["guards"] = ledgers.contains("guards") ? ledgers.at("guards").value(name, 0) : 0;
    board.update(kernel.to_json());
    result["boards"][name] = std::move(board);
  }
  result["process"] = observer::process_json(table, os::read_process_status(subject_));
  return result;
}

}  // namespace walsoak::lab
