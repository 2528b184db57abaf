// A subject that converses on a thread of the test program, and the observer's end of the conversation.
#pragma once

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <future>
#include <optional>
#include <stdexcept>
#include <string>

#include "harness/subject/gateway/conversation.h"
#include "tests/board/boards.h"

namespace walsoak::subject {

class ConversedCell : public testing::Test {
 protected:
  using Message = protocol::Message;

  ConversedCell() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("socketpair");
    observer_.emplace(os::Descriptor(ends[0]), os::Descriptor());
    exit_code_ = std::async(std::launch::async, [end = ends[1]] {
      protocol::Channel channel{os::Descriptor(end), os::Descriptor()};
      return converse(channel);
    });
  }

  Message receive() { return observer_->receive().value(); }
  Message ask(const Message& message) {
    observer_->send(message);
    return receive();
  }
  Message cell(const nlohmann::json& changes) {
    nlohmann::ordered_json settings = default_settings();
    settings.update(changes);
    Message message = protocol::make("cell");
    message["id"] = 0;
    message["cell"] = "c01";
    message["settings"] = settings;
    message["boards"] = Message::array({{{"name", board_.name}, {"path", board_.path}}});
    message["ack_dir"] = boards_.acknowledgements();
    message["worker"] = {{"argv", {"/bin/true"}}, {"env", {{"A", "1"}, {"B", nullptr}}}};
    return message;
  }
  static Message step(const std::string& name) {
    Message message = protocol::make("step");
    message["id"] = 7;
    message["step"] = name;
    message["time_s"] = tests::kNow;
    return message;
  }

  tests::Boards boards_;
  board::Board board_ = boards_.seeded();
  std::future<int> exit_code_;  // waits for its thread, which ends when observer_ is gone
  std::optional<protocol::Channel> observer_;
};

}  // namespace walsoak::subject
