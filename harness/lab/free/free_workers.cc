#include "harness/lab/free/free_workers.h"

#include <algorithm>
#include <vector>

#include "harness/base/shared/errors.h"
#include "harness/lab/launch/death.h"
#include "harness/lab/launch/peer_ended.h"
#include "harness/lab/session/cell_session.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::lab {

using protocol::Message;

namespace {
constexpr int kLastLookMs = 50;
constexpr int kLateMs = 60000;  // as long as lockstep waits for a worker
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
  const std::string writer = worker.writer;
  loop_.forget(descriptor);
  workers_.erase(descriptor);
  if (writer.empty()) return;
  courses_[writer].closed = true;
  settle(writer);
}

void FreeWorkers::note(const std::string& process, const Message& tick) {
  const Message spawned = tick.value("spawned", Message::array());
  for (const Message& worker : spawned) {
    Course& course = courses_[worker.at("writer").get<std::string>()];
    course.pid = worker.at("pid").get<pid_t>();
    course.parent = process;
  }
  const Message ended = tick.value("ended", Message::array());
  for (const Message& worker : ended) note_reaped(process, worker.at("writer").get<std::string>(), worker);
}

void FreeWorkers::note_reaped(const std::string& source, const std::string& writer, const Message& told) {
  Message event = {{"event", "worker-ended"}};
  event["writer"] = writer;
  for (const char* key : {"exit_code", "signal"}) event[key] = told.value(key, Message());
  handlers_.on_event(source, event);
  Course& course = courses_[writer];
  course.reaped = true;
  course.status = reaped_status(told);
  settle(writer);
}

void FreeWorkers::settle(const std::string& writer) {
  const auto found = courses_.find(writer);
  Course& course = found->second;
  if (!course.reaped || (course.connected && !course.closed)) return;
  if (course.settled) {
    courses_.erase(found);
    return;
  }
  // The visit at which it was to die had begun and was not told any more.
  const bool at_its_visit = course.killed_at_visit != 0 && course.visits + 1 == course.killed_at_visit;
  if (!ended_as_ordered(course.status, at_its_visit || course.any_kill_ordered, course.said_bye))
    handlers_.on_death(writer, course.pid, course.status);
  course.settled = true;
  // The hello of one that died at once may be unread yet: it must not count as another worker then.
  if (course.closed) courses_.erase(found);
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
    worker.peer->set_on_event([this, writer = worker.writer](const Message& tick) {
      ++courses_[writer].visits;
      handlers_.on_visit(writer, tick);
    });
    Course& course = courses_[worker.writer];
    course.connected = true;
    course.pid = message.at("pid").get<pid_t>();
    handlers_.on_event("observer", {{"event", "worker-started"},
                                    {"writer", worker.writer},
                                    {"board", message.at("board")},
                                    {"task", message.at("task")},
                                    {"pid", message.at("pid")}});
    try {
      worker.peer->send(processes_.workers().cell());
      if (paused_) return;
      const Message life = life_of(worker.writer);
      if (const Message& kill = life.at("kill"); !kill.is_null())
        course.killed_at_visit = kill.at("visit").get<std::int64_t>();
      worker.peer->send(life);
    } catch (const PeerEnded&) {
      // It ended right after its hello: its end-of-file comes next.
    }
  } else if (type == "done") {
    ++answers_;
  } else if (type == "bye") {
    courses_[worker.writer].said_bye = true;
  }
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
      courses_[worker.writer].any_kill_ordered = true;
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

// Those that the last passes have spawned may be on their way here: what has said no hello can be sent no
// stop.
void FreeWorkers::accept_late_ones() {
  const auto on_their_way = [this] {
    const auto coming = std::count_if(courses_.begin(), courses_.end(), [](const auto& entry) {
      const Course& course = entry.second;
      return !course.connected && !course.reaped && !os::ended(course.pid);
    });
    const auto here = std::count_if(workers_.begin(), workers_.end(),
                                    [](const auto& entry) { return entry.second.writer.empty(); });
    return coming > here;
  };
  for (int waited_ms = 0; waited_ms < kLateMs;) {
    if (wait_readable(processes_.workers().listener(), kLastLookMs)) {
      accept();
    } else if (on_their_way()) {
      waited_ms += kLastLookMs;
    } else {
      return;
    }
  }
}

void FreeWorkers::stop() {
  accept_late_ones();
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
  reap_the_rest();
}

// A dispatcher reaps when it dispatches: how those ended that ended after its last pass is asked for.
void FreeWorkers::reap_the_rest() {
  const std::map<std::string, Course> rest = courses_;
  for (const auto& [writer, course] : rest) {
    if (course.reaped || !(course.closed || os::ended(course.pid))) continue;
    Message done = Message::object();
    if (!course.parent.empty()) {
      Message reap = protocol::make("step");
      reap["id"] = 0;
      reap["step"] = "reap";
      reap["pid"] = course.pid;
      done = processes_.process(course.parent).peer().call(reap, kStepPatienceMs);
    }
    note_reaped("observer", writer, done);
  }
}

}  // namespace walsoak::lab
