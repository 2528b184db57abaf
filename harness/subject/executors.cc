#include "harness/subject/executors.h"

#include <fmt/format.h>
#include <pthread.h>

#include <future>

namespace walsoak::subject {

NamedThread::NamedThread(std::string name) : name_(std::move(name)), thread_([this] { loop(); }) {}

NamedThread::~NamedThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void NamedThread::run(const std::function<void()>& work) {
  std::packaged_task<void()> task(work);
  std::future<void> done = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    queue_.emplace_back([&task] { task(); });
  }
  changed_.notify_one();
  done.get();
}

void NamedThread::loop() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

NamedThread& Executors::pool(std::int64_t index) {
  std::unique_ptr<NamedThread>& thread = pool_[index];
  if (!thread) thread = std::make_unique<NamedThread>(fmt::format("pool-{}", index));
  return *thread;
}

NamedThread& Executors::dedicated() {
  if (!dedicated_) dedicated_ = std::make_unique<NamedThread>("kanban-dispatcher");
  return *dedicated_;
}

}  // namespace walsoak::subject
