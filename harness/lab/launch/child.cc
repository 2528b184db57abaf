#include "harness/lab/launch/child.h"

#include <signal.h>

#include <chrono>
#include <thread>

#include "harness/base/shared/errors.h"
#include "harness/lab/launch/death.h"
#include "harness/lab/launch/peer_ended.h"

namespace walsoak::lab {
namespace {

constexpr int kHelloPatienceMs = 60000;  // a cold interpreter on a busy machine takes its time

void write_stray(int log, std::string_view line) {
  const std::string text = std::string(line) + "\n";
  os::write_all(log, text.data(), text.size());
}

bool ends_soon(pid_t pid) {
  constexpr int kTries = 200;
  for (int i = 0; i < kTries && !os::ended(pid); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  return os::ended(pid);
}

}  // namespace

Child::Child(Plan plan)
    : name_(plan.name), role_(plan.role), log_(std::move(plan.log)), log_path_(plan.log_path) {
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
                         {2, log_.get()},
                         {protocol::kLeashDescriptor, leash.read_end.get()}};
  pid_ = os::spawn(request);
  leash_ = std::move(leash.write_end);
  peer_.emplace(name_,
                protocol::Channel(std::move(from_child.read_end), std::move(to_child.write_end),
                                  [this](std::string_view line) { write_stray(log_.get(), line); }),
                plan.on_event);
  peer_->set_post_mortem([this] { return post_mortem(); });
  // The pipe ends of the child's close with this scope, so that its end shows as end-of-file.
  to_child.read_end.reset();
  from_child.write_end.reset();
  // No destructor runs behind a constructor that throws, and what speaks no protocol may know of no leash.
  try {
    hello_ = peer_->await(kHelloPatienceMs);
    if (hello_.value("type", "") != "hello") {
      throw Failed("expected its hello, found " + peer_->last_said());
    }
  } catch (const PeerEnded& ended) {
    end();
    throw PeerEnded(fmt::format("{} did not begin with a hello: {}", name_, ended.what()), ended.death());
  } catch (const Failed& failed) {
    end();
    throw Failed(fmt::format("{} did not begin with a hello: {}", name_, failed.what()));
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
  if (reaped_) return;
  if (!ends_soon(pid_)) ::kill(-pid_, SIGKILL);
  os::wait_for(pid_);
  reaped_ = true;
}

std::optional<facts::Death> Child::post_mortem() {
  if (reaped_ || !ends_soon(pid_)) return std::nullopt;
  reaped_ = true;
  return death_of(name_, role_, pid_, os::wait_for(pid_), log_path_);
}

void Child::kill() {
  ::kill(pid_, SIGKILL);
  os::wait_for(pid_);
  reaped_ = true;
}

Child::Ended Child::stop(int patience_ms) {
  peer_->send(protocol::make("stop"));
  protocol::Message bye = peer_->await(patience_ms);
  if (bye.value("type", "") != "bye") {
    throw Failed(fmt::format("{}: expected its bye after stop, found {}", name_, peer_->last_said()));
  }
  const os::ExitStatus status = os::wait_for(pid_);
  reaped_ = true;
  if (status.clean()) return {std::move(bye), std::nullopt};
  return {std::move(bye), death_of(name_, role_, pid_, status, log_path_)};
}

}  // namespace walsoak::lab
