#include "bench/measure.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <time.h>
#include <unistd.h>

namespace grok::bench {
namespace {

double seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double milliseconds(clockid_t clock, const std::function<void()>& work) {
  const double begin = seconds(clock);
  work();
  return (seconds(clock) - begin) * 1e3;
}

double seconds_of_ticks(double ticks) { return ticks / static_cast<double>(sysconf(_SC_CLK_TCK)); }

// All that ran on any processor, and what a hypervisor gave to others: all but idle and iowait.
double all_busy_seconds() {
  std::ifstream in("/proc/stat");
  std::string word;
  in >> word;
  double sum = 0, ticks = 0;
  for (int field = 0; field < 8 && in >> ticks; ++field)
    if (field != 3 && field != 4) sum += ticks;
  return seconds_of_ticks(sum);
}

// User and system time of a process: fields 14 and 15. Its name, field 2, may hold blanks.
double busy_seconds(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string word;
  for (int field = 3; field < 14; ++field) fields >> word;
  double user = 0, system = 0;
  fields >> user >> system;
  return seconds_of_ticks(user + system);
}

}  // namespace

double wall_milliseconds(const std::function<void()>& work) {
  return milliseconds(CLOCK_MONOTONIC, work);
}

double cpu_milliseconds(const std::function<void()>& work) {
  return milliseconds(CLOCK_THREAD_CPUTIME_ID, work);
}

std::function<double()> per_call(const ThreadPool& pool, std::function<void()> work) {
  const auto clock = pool.n_threads() == 1 ? cpu_milliseconds : wall_milliseconds;
  work();
  const int n = std::clamp(static_cast<int>(0.5 / clock(work)), 1, 1000);
  return [=] {
    return clock([&] {
             for (int i = 0; i < n; ++i) work();
           }) /
           n;
  };
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

bool is_scattered(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() * 3 / 4] > 1.2 * values[values.size() / 2];
}

std::vector<std::vector<double>> alternate(int n_rounds,
                                           std::span<const std::function<double()>> contestants) {
  std::vector<std::vector<double>> out(contestants.size());
  for (int round = 0; round < n_rounds; ++round)
    for (std::size_t i = 0; i < contestants.size(); ++i) out[i].push_back(contestants[i]());
  return out;
}

Neighbours::Neighbours(std::vector<pid_t> ours_too)
    : ours_(std::move(ours_too)), begin_wall_(seconds(CLOCK_MONOTONIC)) {
  ours_.push_back(getpid());
  begin_foreign_ = foreign_seconds();
}

double Neighbours::foreign_seconds() const {
  double sum = all_busy_seconds();
  for (const pid_t pid : ours_) sum -= busy_seconds(pid);
  return sum;
}

double Neighbours::busy_cores() const {
  const double wall = seconds(CLOCK_MONOTONIC) - begin_wall_;
  return wall > 0 ? std::max(0.0, foreign_seconds() - begin_foreign_) / wall : 0;
}

}  // namespace grok::bench
