#include "harness/run/free_workers.h"

#include <vector>

#include "harness/run/cell_session.h"
#include "harness/run/conductor.h"
#include "harness/run/errors.h"

namespace walsoak::run {

using protocol::Message;

namespace {
constexpr int kLastLookMs = 50;
}  // namespace

FreeWorkers::FreeWorkers(os::EventLoop& loop, CellProcesses& processes, const Settings& settings,
                         std::int64_t t0_us, Handlers handlers)
    : loop_(loop),
      processes_(processes),
      settings_(settings),
      t0_us_(t0_us),
      handlers_(std::move(handlers)),
      kills_(settings.seed, "fault worker-kill") {
  loop_.watch(processes_.workers().listener(), [this] { accept(); });
}

void FreeWorkers::accept() {
  auto peer =
      std::make_unique<Peer>("worker", protocol::Channel(processes_.workers().accept(), os::Descriptor()));
  const int descriptor = peer->descriptor();
  workers_[descriptor] = {std::move(peer), {}};
  loop_.watch(descriptor, [this, descriptor] { read(descriptor); });
}

void FreeWorkers::read(int descriptor) {
  Worker& worker = workers_.at(descriptor);
  const bool open = worker.peer->pump([&](const Message& message) { accept_message(worker, message); });
  if (open) return;
  loop_.forget(descriptor);
  workers_.erase(descriptor);
}

// How the worker lives: a death at a seeded statement is drawn by its name, whenever it came.
Message FreeWorkers::life_of(const std::string& writer) const {
  const std::int64_t gaps = settings_.worker_visits - 1;
  Message life = protocol::make("run");
  life["t0_us"] = t0_us_;
  life["epoch_s"] = kBoardsEpochS;
  life["time_scale"] = settings_.time_scale;
  life["visits"] = settings_.worker_visits;
  life["interval_us"] =
      static_cast<std::int64_t>(settings_.worker_life_s * 1e6 / settings_.time_scale) / gaps;
  life["kill"] = nullptr;
  Seeded kills(settings_.seed, "kills of " + writer);
  for (std::int64_t visit = 1; visit <= settings_.worker_visits; ++visit) {
    const bool killed = kills.chance(settings_.worker_kill_rate);
    const int statement = 1 + static_cast<int>(kills.below(kVisitStatements));
    if (!killed) continue;
    life["kill"] = {{"visit", visit}, {"at", statement}};
    break;
  }
  return life;
}

void FreeWorkers::accept_message(Worker& worker, const Message& message) {
  const auto& type = message.at("type").get_ref<const std::string&>();
  if (type == "hello") {
    processes_.check_worker(message);
    worker.writer = message.at("writer").get<std::string>();
    worker.peer->rename("worker " + worker.writer);
    worker.peer->set_on_event(
        [this, writer = worker.writer](const Message& tick) { handlers_.on_visit(writer, tick); });
    handlers_.on_event({{"event", "worker-started"},
                        {"writer", worker.writer},
                        {"board", message.at("board")},
                        {"task", message.at("task")},
                        {"pid", message.at("pid")}});
    try {
      worker.peer->send(processes_.workers().cell());
      if (!paused_) worker.peer->send(life_of(worker.writer));
    } catch (const PeerEnded&) {
      // It ended right after its hello: its end-of-file comes next.
    }
  } else if (type == "done") {
    ++answers_;
  }
  // A bye says nothing that the end-of-file behind it does not.
}

void FreeWorkers::read_until(int descriptor, const std::function<bool()>& done) {
  while (workers_.contains(descriptor) && !done()) {
    if (!wait_readable(descriptor, kStepPatienceMs)) {
      throw Failed(workers_.at(descriptor).peer->name() + " has not answered");
    }
    read(descriptor);
  }
}

std::int64_t FreeWorkers::kill(std::int64_t count) {
  std::int64_t told = 0;
  for (auto& [descriptor, worker] : workers_) {
    if (told == count) break;
    if (worker.writer.empty()) continue;
    Message message = protocol::make("kill");
    message["at"] = 1 + static_cast<int>(kills_.below(kVisitStatements));
    try {
      worker.peer->send(message);
      ++told;
    } catch (const PeerEnded&) {
      // It has ended meanwhile: nobody to kill.
    }
  }
  return told;
}

void FreeWorkers::pause() {
  paused_ = true;
  std::vector<int> descriptors;
  for (const auto& [descriptor, worker] : workers_) descriptors.push_back(descriptor);
  Message pause = protocol::make("pause");
  pause["id"] = 0;
  for (const int descriptor : descriptors) {
    try {
      workers_.at(descriptor).peer->send(pause);
    } catch (const PeerEnded&) {
      continue;  // it has ended meanwhile: its end-of-file is read with the rest
    }
    const std::int64_t before = answers_;
    read_until(descriptor, [&] { return answers_ > before; });
  }
}

void FreeWorkers::stop() {
  // Those that connected while everybody was paused are still to be taken in.
  while (wait_readable(processes_.workers().listener(), kLastLookMs)) accept();
  std::vector<int> descriptors;
  for (const auto& [descriptor, worker] : workers_) descriptors.push_back(descriptor);
  for (const int descriptor : descriptors) {
    try {
      workers_.at(descriptor).peer->send(protocol::make("stop"));
    } catch (const PeerEnded&) {
      // as above
    }
    read_until(descriptor, [] { return false; });
  }
  loop_.forget(processes_.workers().listener());
}

}  // namespace walsoak::run
