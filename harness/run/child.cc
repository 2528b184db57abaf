#include "harness/run/child.h"

#include <signal.h>

#include <chrono>
#include <thread>

#include "harness/run/errors.h"

namespace walsoak::run {
namespace {

constexpr int kHelloPatienceMs = 60000;  // a cold interpreter on a busy machine takes its time

void write_stray(int log, std::string_view line) {
  const std::string text = std::string(line) + "\n";
  os::write_all(log, text.data(), text.size());
}

}  // namespace

Child::Child(const Plan& plan) {
  os::Pipe leash = os::make_pipe();
  os::Pipe to_child = os::make_pipe();
  os::Pipe from_child = os::make_pipe();
  // Its descriptors are counted: one that a shell or a build system left open is none of its own.
  os::SpawnRequest request{.argv = plan.argv,
                           .environment = plan.environment,
                           .descriptors = {},
                           .own_table = true,
                           .own_group = true};
  request.descriptors = {{0, to_child.read_end.get()},
                         {1, from_child.write_end.get()},
                         {2, plan.log_descriptor},
                         {protocol::kLeashDescriptor, leash.read_end.get()}};
  pid_ = os::spawn(request);
  leash_ = std::move(leash.write_end);
  peer_.emplace(
      plan.name,
      protocol::Channel(std::move(from_child.read_end), std::move(to_child.write_end),
                        [log = plan.log_descriptor](std::string_view line) { write_stray(log, line); }),
      plan.on_event);
  // The pipe ends of the child's close with this scope, so that its end shows as end-of-file.
  to_child.read_end.reset();
  from_child.write_end.reset();
  // No destructor runs behind a constructor that throws, and what speaks no protocol may know of no leash.
  try {
    hello_ = peer_->await(kHelloPatienceMs);
    if (hello_.value("type", "") != "hello") throw Failed("its first message is none");
  } catch (const Failed& failed) {
    end();
    throw Failed(fmt::format("{} did not begin with a hello: {}", plan.name, failed.what()));
  } catch (...) {
    end();
    throw;
  }
}

Child::~Child() {
  end();
}

void Child::end() {
  if (pid_ < 0) return;
  leash_.reset();
  peer_.reset();
  constexpr int kTries = 200;
  for (int i = 0; i < kTries && !os::ended(pid_); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  if (!os::ended(pid_)) ::kill(-pid_, SIGKILL);
  os::wait_for(pid_);
}

protocol::Message Child::stop(int patience_ms) {
  peer_->send(protocol::make("stop"));
  protocol::Message bye = peer_->await(patience_ms);
  if (bye.value("type", "") != "bye") throw Failed(peer_->name() + " did not answer stop with bye");
  const os::ExitStatus status = os::wait_for(std::exchange(pid_, -1));
  if (!status.clean()) {
    throw Failed(
        fmt::format("{} ended with exit code {}, signal {}", peer_->name(), status.exit_code, status.signal));
  }
  return bye;
}

}  // namespace walsoak::run
