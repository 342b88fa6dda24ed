#include "grok/serve/connections.h"

#include <system_error>
#include <utility>

namespace grok::serve {

void ConnectionThreads::enqueue(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  work_.push_back(std::move(work));
  if (work_.size() > n_idle_ && threads_.size() < most_threads) add_thread();
  has_work_.notify_one();
}

void ConnectionThreads::add_thread() {
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // The system has no more threads: the connection waits as it would beyond the most.
  }
}

void ConnectionThreads::shutdown() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ConnectionThreads::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++n_idle_;
    has_work_.wait(lock, [this] { return is_stopping_ || !work_.empty(); });
    --n_idle_;
    if (work_.empty()) return;
    const std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace grok::serve
