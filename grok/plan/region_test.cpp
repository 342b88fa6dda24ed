#include "grok/plan/region.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/ops/catalog.h"
#include "grok/plan/interpret.h"
#include "grok/plan/program.h"

namespace grok {
namespace {

constexpr std::int64_t n_rows = 300;

Tensor random_tensor(const Shape& shape, const char* stream) {
  Tensor t(shape);
  const Rng rng(7, stream);
  for (std::size_t i = 0; i < t.data.size(); ++i) t.data[i] = static_cast<float>(rng.normal(i));
  return t;
}

// h = relu(x W), y = h V, and over the rows: h^T y and the sum of y. All of it, or with `region`
// from h on, runs block by block.
Graph two_layers(bool in_region) {
  Graph g;
  const NodeId W = g.weight("W", {5, 40});
  const NodeId V = g.weight("V", {40, 7});
  const NodeId x = g.constant(random_tensor({n_rows, 5}, "x"));
  const NodeId h = g.add(ops::relu(), {g.add(ops::matmul(), {x, W})});
  const NodeId y = g.add(ops::matmul(), {h, V});
  const NodeId hy = g.add(ops::matmul(), {h, y}, {{"transpose_a", 1}});
  const NodeId sum = g.add(ops::sum_leading(), {y}, {{"n_axes", 1}});
  if (in_region)
    for (NodeId id = h - 1; id <= sum; ++id) g.put_into_region(id, 1);
  g.output("y", y);
  g.output("hy", g.add(ops::scale(), {hy}, {{"factor", 2.0}}));
  g.output("sum", sum);
  return g;
}

struct Results {
  std::vector<float> y, hy, sum;
  friend bool operator==(const Results&, const Results&) = default;
};

Results run(const Graph& g, int n_threads) {
  Program program(g, n_threads);
  const Tensor W = random_tensor({5, 40}, "W"), V = random_tensor({40, 7}, "V");
  program.bind("W", W.span());
  program.bind("V", V.span());
  ThreadPool pool(n_threads);
  program.run(pool);
  program.run(pool);  // partial sums start anew
  const auto values = [&](const char* name) {
    const ConstFloats f = program.floats(name);
    return std::vector<float>(f.begin(), f.end());
  };
  return {values("y"), values("hy"), values("sum")};
}

void expect_close(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(a[i], b[i], 2e-5f * (1 + std::fabs(b[i]))) << i;
}

TEST(Region, gives_what_its_nodes_give_one_after_another) {
  const Results whole = run(two_layers(false), 1);
  const Results blocked = run(two_layers(true), 1);
  EXPECT_EQ(blocked.y, whole.y);  // by row: not even the order of a sum differs
  expect_close(blocked.hy, whole.hy);
  expect_close(blocked.sum, whole.sum);
}

TEST(Region, gives_the_same_bits_for_any_number_of_threads) {
  const Results one = run(two_layers(true), 1);
  for (const int n_threads : {2, 3, 8}) EXPECT_EQ(run(two_layers(true), n_threads), one);
}

// Rows of `width` numbers and their sum.
Region region_over(std::int64_t rows, std::int64_t width) {
  Graph g;
  const NodeId x = g.input("x", {{rows, width}});
  const NodeId y = g.add(ops::relu(), {x});
  const NodeId sum = g.add(ops::sum_leading(), {y}, {{"n_axes", 1}});
  for (const NodeId id : {y, sum}) g.put_into_region(id, 1);
  g.output("sum", sum);
  return regions_of(g).at(0);
}

// Few rows, and so long that a block holds but some of them, too: an empty chunk would leave its
// part of the sum unwritten.
TEST(Region, chunks_are_whole_tiles_none_is_empty_and_they_cover_all_rows) {
  std::set<std::int64_t> units;
  for (const std::int64_t width : {10, 10'000, 60'000})
    for (std::int64_t rows = 1; rows < 150; ++rows) {
      const Region r = region_over(rows, width);
      units.insert(r.row_unit);
      ASSERT_EQ(r.n_rows, rows);
      ASSERT_EQ(r.chunk_begin(0), 0);
      ASSERT_EQ(r.chunk_begin(r.n_chunks), rows);
      for (std::int64_t c = 0; c < r.n_chunks; ++c) {
        ASSERT_LT(r.chunk_begin(c), r.chunk_begin(c + 1)) << rows << " rows of " << width;
        ASSERT_EQ(r.chunk_begin(c) % r.row_unit, 0);
      }
    }
  EXPECT_EQ(units, (std::set<std::int64_t>{1, 8}));
}

TEST(Region, values_that_nobody_outside_reads_have_no_place_in_the_arena) {
  const Graph g = two_layers(true);
  const MemoryPlan plan = plan_memory(g, 2);
  for (NodeId id = 0; id < g.size(); ++id) {
    if (g[id].op != &ops::relu()) continue;
    EXPECT_EQ(plan.offsets[static_cast<std::size_t>(id)], -1);
  }
  ASSERT_EQ(plan.regions.size(), 1u);
}

TEST(Region, refuses_nodes_that_do_not_share_rows_and_regions_that_are_torn) {
  Graph torn = two_layers(true);
  NodeId relu = 0;
  while (torn[relu].op != &ops::relu()) ++relu;
  torn.put_into_region(relu, 0);
  EXPECT_THROW(regions_of(torn), ContractBroken);
  Graph whole = two_layers(true);
  whole.put_into_region(whole.size() - 1, 1);  // a scale of the finished sum
  EXPECT_THROW(regions_of(whole), ContractBroken);
}

}  // namespace
}  // namespace grok
