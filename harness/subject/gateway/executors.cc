#include "harness/subject/gateway/executors.h"

#include <fmt/format.h>
#include <pthread.h>

#include <future>

namespace walsoak::subject {
namespace {

thread_local std::string thread_name = "loop";

}  // namespace

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
  // Shared: the thread may still be leaving the task when this one has its result.
  const auto task = std::make_shared<std::packaged_task<void()>>(work);
  std::future<void> done = task->get_future();
  post([task] { (*task)(); });
  done.get();
}

void NamedThread::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void NamedThread::loop() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  thread_name = name_;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds goes on this thread, before the next wait
    lock.lock();
  }
}

const std::string& this_thread_name() {
  return thread_name;
}

NamedThread& Executors::pool(std::int64_t index) {
  auto& [thread, worked] = pool_[index];
  if (pool_thread_life_ > 0 && worked >= pool_thread_life_) {
    thread.reset();  // joined: what its end brings about is over before the next one begins
    worked = 0;
  }
  if (!thread) thread = std::make_unique<NamedThread>(fmt::format("pool-{}", index));
  ++worked;
  return *thread;
}

NamedThread& Executors::dedicated() {
  if (!dedicated_) dedicated_ = std::make_unique<NamedThread>("kanban-dispatcher");
  return *dedicated_;
}

void Executors::post_to_pool(std::int64_t most, std::function<void()> work) {
  std::int64_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      index = idle_.front();
      idle_.pop_front();
    } else if (index = static_cast<std::int64_t>(pool_.size()); index >= most) {
      waiting_.push_back(std::move(work));
      return;
    }
  }
  pool(index).post([this, index, work = std::move(work)] { work_off(index, work); });
}

void Executors::work_off(std::int64_t index, const std::function<void()>& work) {
  work();
  for (;;) {
    std::function<void()> next;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        idle_.push_back(index);
        return;
      }
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next();
  }
}

}  // namespace walsoak::subject
