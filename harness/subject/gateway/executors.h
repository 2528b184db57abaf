// The threads of the subject: a default pool, whose thread the step picks in lockstep and idleness else, and
// one dedicated thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace walsoak::subject {

// One named thread that runs what it is given, in order. Joins in its destructor, after the queue is empty.
class NamedThread {
 public:
  // The kernel keeps the first 15 characters of the name; name() has all.
  explicit NamedThread(std::string name);
  ~NamedThread();
  NamedThread(const NamedThread&) = delete;
  NamedThread& operator=(const NamedThread&) = delete;

  // Runs `work` on this thread and waits for it. An exception of `work` is thrown here. Not from the thread
  // itself.
  void run(const std::function<void()>& work);
  // Has `work` run on this thread, after what was handed over before. It must not throw.
  void post(std::function<void()> work);
  const std::string& name() const { return name_; }

 private:
  void loop();

  const std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool ending_ = false;
  std::thread thread_;
};

// The name of the NamedThread that calls, or "loop" on any other.
const std::string& this_thread_name();

// Threads are started when first used, as a pool does. Used by the event loop only.
class Executors {
 public:
  // `pool_thread_life`: pieces of work after which a thread of the pool ends and another takes its place; 0:
  // never.
  explicit Executors(std::int64_t pool_thread_life = 0) : pool_thread_life_(pool_thread_life) {}

  // Lockstep: the step names the thread.
  NamedThread& pool(std::int64_t index);
  NamedThread& dedicated();

  // Free-running: on the thread of the pool that has been idle longest; on a new one where none is idle and
  // there are fewer than `most`; else when one becomes idle. It must not throw.
  void post_to_pool(std::int64_t most, std::function<void()> work);

 private:
  struct PoolThread {
    std::unique_ptr<NamedThread> thread;
    std::int64_t worked = 0;
  };

  void work_off(std::int64_t index, const std::function<void()>& work);

  const std::int64_t pool_thread_life_;
  std::mutex mutex_;  // idle_, waiting_
  std::deque<std::int64_t> idle_;
  std::deque<std::function<void()>> waiting_;
  std::map<std::int64_t, PoolThread> pool_;
  std::unique_ptr<NamedThread> dedicated_;
};

}  // namespace walsoak::subject
