// The observer's end of a conversation with one process of a cell.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/evidence/facts/deaths.h"
#include "harness/protocol/channel.h"

namespace walsoak::lab {

// One thread at a time.
class Peer {
 public:
  // `on_event` is handed every `event` and `tick` message.
  Peer(std::string name, protocol::Channel channel,
       std::function<void(const protocol::Message&)> on_event = {});

  // The next message that is neither event nor tick. Throws PeerEnded at end-of-file, Stopped when SIGINT or
  // SIGTERM came, Failed where nothing comes for `patience_ms` real milliseconds or what comes is no message
  // of this protocol's.
  protocol::Message await(int patience_ms);
  // Reads once, which does not block where the descriptor is readable, and hands over every message that has
  // arrived whole, events and ticks to `on_event` and others to `on_message`; false at end-of-file. Throws
  // Failed.
  bool pump(const std::function<void(const protocol::Message&)>& on_message);
  int descriptor() const { return channel_.read_descriptor(); }
  // Sends a message with an id and awaits its `done`.
  protocol::Message call(const protocol::Message& message, int patience_ms);
  // Throws PeerEnded where nobody reads any more.
  void send(const protocol::Message& message);
  // Throws PeerEnded: the other end was found closed. Says how the process ended, where that can be known.
  [[noreturn]] void fail_ended(const std::string& found);

  // The beginning of the last message that came, for an error.
  std::string last_said() const;
  const std::string& name() const { return name_; }
  void rename(std::string name) { name_ = std::move(name); }
  // Asked once the other end is closed: how the process ended, or nothing where it still runs.
  void set_post_mortem(std::function<std::optional<facts::Death>()> post_mortem) {
    post_mortem_ = std::move(post_mortem);
  }
  void set_on_event(std::function<void(const protocol::Message&)> on_event) {
    on_event_ = std::move(on_event);
  }

 private:
  // A message that has arrived whole. Throws Failed where it is none of this protocol's.
  std::optional<protocol::Message> take_buffered();
  // Whether the message was one for `on_event`.
  bool hand_over(const protocol::Message& message) const;

  std::string name_;
  protocol::Channel channel_;
  std::function<void(const protocol::Message&)> on_event_;
  std::function<std::optional<facts::Death>()> post_mortem_;
};

// Blocks until the descriptor is readable; false after `patience_ms`. Throws Stopped.
bool wait_readable(int fd, int patience_ms);

}  // namespace walsoak::lab
