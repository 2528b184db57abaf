// A pair of descriptors that carries messages. One thread reads at a time; any thread may write.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "harness/base/os/descriptor.h"
#include "harness/protocol/message.h"

namespace walsoak::protocol {

class Channel {
 public:
  // Lines that are no messages go to `stray` (may be empty: they are dropped).
  Channel(os::Descriptor read_from, os::Descriptor write_to,
          std::function<void(std::string_view)> stray = {});

  void send(const Message& message);

  // The next message; nothing at end-of-file. Blocks. Throws std::runtime_error on a foreign version.
  std::optional<Message> receive();

  // A message that has arrived whole already, without reading from the descriptor.
  std::optional<Message> take_buffered();
  // Reads once (blocks if there is nothing to read); false at end-of-file, where a line left without its end
  // goes to `stray`. Take what is buffered first.
  bool fill();

  // The line of the last message that was taken; "" before the first.
  const std::string& last_line() const { return last_line_; }
  int read_descriptor() const { return read_.get(); }

 private:
  os::Descriptor read_;
  os::Descriptor write_;  // not valid: the same descriptor serves both ways (a socket)
  std::function<void(std::string_view)> stray_;
  std::string buffer_, last_line_;
  std::unique_ptr<std::mutex> writing_ = std::make_unique<std::mutex>();  // not in place: channels move
};

// For a program that speaks on stdin and stdout: moves both to close-on-exec descriptors and points fd 1 at
// stderr and fd 0 at /dev/null. Call before any other code; ignores SIGPIPE.
Channel take_standard_streams();

// Connects to a Unix socket. Throws std::system_error naming the path.
Channel connect_to(const std::string& socket_path);

}  // namespace walsoak::protocol
