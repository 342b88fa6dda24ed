// A training step allocates nothing: counted by replacing operator new. A program of its own, so
// that no other test runs with it.

#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "grok/train/trainer.h"
#include "tests/support/small_spec.h"

namespace {
std::atomic<long> n_allocations{0};

void* counted(std::size_t n, std::size_t align) {
  ++n_allocations;
  void* p = align > alignof(std::max_align_t)
                ? std::aligned_alloc(align, (n + align - 1) / align * align)
                : std::malloc(n ? n : 1);
  if (!p) throw std::bad_alloc();
  return p;
}
}  // namespace

void* operator new(std::size_t n) { return counted(n, 1); }
void* operator new[](std::size_t n) { return counted(n, 1); }
void* operator new(std::size_t n, std::align_val_t a) {
  return counted(n, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t n, std::align_val_t a) {
  return counted(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace grok {
namespace {

TEST(Step, allocates_nothing) {
  const RunSpec spec = small_spec(23);
  const TaskData task = tasks::data_of(spec.task);
  for (const int n_threads : {1, 2}) {
    ThreadPool pool(n_threads);
    Trainer trainer(spec, task, pool);
    trainer.step();
    const long before = n_allocations;
    for (int i = 0; i < 20; ++i) trainer.step();
    EXPECT_EQ(n_allocations - before, 0) << n_threads << " threads";
  }
}

TEST(Step, the_counter_counts) {
  const long before = n_allocations;
  const Tensor t(Shape{1000});
  EXPECT_GT(n_allocations - before, 0);
  EXPECT_EQ(t.data.size(), 1000u);
}

}  // namespace
}  // namespace grok
