#include "grok/base/threads.h"

#include <vector>

#include <gtest/gtest.h>

#include "grok/base/float_environment.h"

namespace grok {
namespace {

TEST(ThreadPool, calls_each_chunk_once_for_any_number_of_threads) {
  for (const int n_threads : {1, 2, 3, 8}) {
    ThreadPool pool(n_threads);
    for (int job = 0; job < 2000; ++job) {
      const std::int64_t n_chunks = job % 37;
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(n_chunks));
      pool.for_chunks(n_chunks,
                      [&](std::int64_t i) noexcept { ++calls[static_cast<std::size_t>(i)]; });
      for (const auto& n : calls)
        ASSERT_EQ(n.load(), 1) << "threads " << n_threads << " job " << job;
    }
  }
}

// A helper that comes late to a job finds nothing torn down: many pools, more threads than cores.
TEST(ThreadPool, may_end_while_a_helper_still_looks_for_work) {
  std::atomic<int> calls{0};
  for (int i = 0; i < 300; ++i) {
    ThreadPool pool(8);
    for (int job = 0; job < 3; ++job) pool.for_chunks(9, [&](std::int64_t) noexcept { ++calls; });
  }
  EXPECT_EQ(calls.load(), 300 * 3 * 9);
}

// More items than threads, fewer, and none; each worker alone also takes what is others'.
TEST(WorkRanges, give_each_item_once) {
  for (const std::int64_t n : {0, 1, 3, 8, 100})
    for (const std::int64_t n_workers : {1, 2, 3, 8, 100}) {
      WorkRanges alone(n, n_workers);
      std::vector<int> taken(static_cast<std::size_t>(n));
      for (std::int64_t item; (item = alone.take(n_workers - 1)) >= 0;)
        ++taken[static_cast<std::size_t>(item)];
      EXPECT_EQ(taken, std::vector<int>(static_cast<std::size_t>(n), 1));
      ThreadPool pool(3);
      WorkRanges ranges(n, n_workers);
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(n));
      pool.for_chunks(n_workers, [&](std::int64_t worker) noexcept {
        for (std::int64_t item; (item = ranges.take(worker)) >= 0;)
          ++calls[static_cast<std::size_t>(item)];
      });
      for (const auto& c : calls) EXPECT_EQ(c.load(), 1) << n << " items, " << n_workers;
    }
}

TEST(WorkRanges, begin_with_a_workers_own) {
  WorkRanges ranges(8, 2);
  EXPECT_EQ(ranges.take(1), 4);
  EXPECT_EQ(ranges.take(0), 0);
  EXPECT_EQ(ranges.take(1), 5);
}

TEST(ThreadPool, helpers_flush_denormals) {
  ThreadPool pool(4);
  const FlushDenormals flush;
  std::atomic<int> n_flushed{0};
  pool.for_chunks(1000, [&](std::int64_t) noexcept { n_flushed += denormals_are_flushed(); });
  EXPECT_EQ(n_flushed.load(), 1000);
}

TEST(FlushDenormals, restores_the_former_mode) {
  volatile float tiny = 1e-40f;
  EXPECT_NE(tiny * 0.5f, 0.0f);
  {
    const FlushDenormals flush;
    EXPECT_TRUE(denormals_are_flushed());
    EXPECT_EQ(tiny * 0.5f, 0.0f);
  }
  EXPECT_FALSE(denormals_are_flushed());
  EXPECT_NE(tiny * 0.5f, 0.0f);
}

}  // namespace
}  // namespace grok
