// The threads of the subject: a default pool whose thread the step picks, and one dedicated thread.
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

// Threads are started when first used, as a pool does. Used by the event loop only.
class Executors {
 public:
  NamedThread& pool(std::int64_t index);
  NamedThread& dedicated();

 private:
  std::map<std::int64_t, std::unique_ptr<NamedThread>> pool_;
  std::unique_ptr<NamedThread> dedicated_;
};

}  // namespace walsoak::subject
