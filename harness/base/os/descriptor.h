// An owned file descriptor: closed exactly once.
#pragma once

#include <utility>

namespace walsoak::os {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

// Both ends of a pipe, close-on-exec. Throws std::system_error.
struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};
Pipe make_pipe();

// Writes all bytes, retrying short writes and EINTR. Throws std::system_error (EPIPE where the reader is
// gone: SIGPIPE must be ignored by the program).
void write_all(int fd, const void* data, std::size_t size);

}  // namespace walsoak::os
