#include "harness/subject/gateway/forked_child.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "harness/boards/board/connect.h"

namespace walsoak::subject {
namespace {

constexpr int kPatienceMs = 30000;
constexpr char kAct = 'a', kDone = 'd';

// One byte, or 0 at the end of the file.
char read_byte(int descriptor) {
  char byte = 0;
  while (::read(descriptor, &byte, 1) < 0 && errno == EINTR) {
  }
  return byte;
}

[[noreturn]] void be_the_child(int orders, int answers, const std::function<void()>& act) {
  std::string said(1, kDone);
  if (read_byte(orders) != kAct) ::_exit(0);
  try {
    act();
  } catch (const std::exception& error) {
    said = error.what();
  }
  // Without a reader where the parent is gone.
  [[maybe_unused]] const ssize_t written = ::write(answers, said.data(), said.size());
  ::_exit(0);
}

}  // namespace

ForkedChild::ForkedChild(const std::function<void()>& act) {
  os::Pipe orders = os::make_pipe(), answers = os::make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    orders.write_end.reset();  // else the end of the parent would never be read
    be_the_child(orders.read_end.get(), answers.write_end.get(), act);
  }
  order_ = std::move(orders.write_end);
  answer_ = std::move(answers.read_end);
}

ForkedChild::~ForkedChild() {
  order_.reset();
  end();
}

void ForkedChild::act_and_end() {
  os::write_all(order_.get(), &kAct, 1);
  std::string said;
  std::array<char, 512> part{};
  pollfd wait{.fd = answer_.get(), .events = POLLIN, .revents = 0};
  while (true) {
    const int ready = ::poll(&wait, 1, kPatienceMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t size = ::read(answer_.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    said.append(part.data(), static_cast<std::size_t>(size));
  }
  ::kill(pid_, SIGKILL);  // it has ended or hangs
  end();
  if (said.empty()) throw board::AppError("child", "forked child", "it died or hung before it was done");
  if (said != std::string(1, kDone)) throw board::AppError("child", "forked child", said);
}

void ForkedChild::end() {
  if (pid_ < 0) return;
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace walsoak::subject
