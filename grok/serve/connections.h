#pragma once
// A thread for each connection: a page that listens to a run holds one for as long as it is open,
// so that a fixed number of threads would be used up by the viewers.

#include <condition_variable>
#include <deque>
#include <functional>
#include <httplib.h>
#include <mutex>
#include <thread>
#include <vector>

namespace grok::serve {

class ConnectionThreads : public httplib::TaskQueue {
 public:
  /// Beyond these, connections wait for one to end.
  static constexpr std::size_t most_threads = 1024;

  void enqueue(std::function<void()> work) override;
  void shutdown() override;

 private:
  void add_thread();
  void serve();

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<std::function<void()>> work_;
  std::size_t n_idle_ = 0;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace grok::serve
