// A training step allocates nothing: counted by replacing operator new. A program of its own, so
// that no other test runs with it.

#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "grok/plan/region.h"
#include "grok/train/trainer.h"
#include "tests/support/catalog_specs.h"
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

// At p = 41 rows run in blocks.
TEST(Step, allocates_nothing) {
  for (const std::int64_t p : {7, 41})
    for (const int n_threads : {1, 2}) {
      const RunSpec spec = small_spec(p, {{"d_mlp", std::int64_t{160}}});
      const TaskData task = tasks::data_of(spec.task);
      ThreadPool pool(n_threads);
      Trainer trainer(spec, task, pool);
      EXPECT_EQ(regions_of(trainer.program().graph()).empty(), p == 7);
      trainer.step();
      const long before = n_allocations;
      for (int i = 0; i < 20; ++i) trainer.step();
      EXPECT_EQ(n_allocations - before, 0) << p << ", " << n_threads << " threads";
    }
}

void expect_no_allocation(const std::vector<CatalogSpec>& specs) {
  for (const CatalogSpec& s : specs) {
    const TaskData task = tasks::data_of(s.spec.task);
    ThreadPool pool(2);
    Trainer trainer(s.spec, task, pool);
    trainer.step();
    const long before = n_allocations;
    for (int i = 0; i < 5; ++i) trainer.step();
    EXPECT_EQ(n_allocations - before, 0) << s.name;
  }
}

TEST(Step, of_no_optimizer_or_filter_allocates) { expect_no_allocation(specs_of_all_optimizers()); }

// Before the key frequencies are read anew.
TEST(Step, with_no_term_allocates) { expect_no_allocation(specs_of_all_terms()); }

TEST(Step, the_counter_counts) {
  const long before = n_allocations;
  const Tensor t(Shape{1000});
  EXPECT_GT(n_allocations - before, 0);
  EXPECT_EQ(t.data.size(), 1000u);
}

}  // namespace
}  // namespace grok
