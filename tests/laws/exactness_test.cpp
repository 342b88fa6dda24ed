// Equal specs give equal bits: for any number of threads, on AVX2 and on AVX-512, by g++ and by
// clang, for architectures unlike each other. The long test trains for 1,000 steps (label science),
// the short one for 20.
//
// When a change is meant to alter bits, the new digests are printed by
//   exactness_test --gtest_also_run_disabled_tests --gtest_filter='*print_the_digests'

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/digest.h"
#include "grok/kernels/target.h"
#include "grok/plan/program.h"
#include "grok/plan/region.h"
#include "grok/train/trainer.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

struct Architecture {
  const char* name;
  Params model;
  const char* digest_after_20_steps;
  const char* digest_after_1000_steps;
};

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> all{
      {"one layer",
       {},
       "69b654f9df34636dd782f6f66372c709edc79dbdbc2ae308652c0deb05e5799a",
       "feda0a7c2941c95925215bc524f689e01156bfae9593a114cef0bf46ea20afb4"},
      {"two layers with LayerNorm",
       {{"n_layers", std::int64_t{2}}, {"layer_norm", std::string("pre")}},
       "364eca7db67f710d558be29a954b28a8e885bf9666b72e8b8d134d8c0777cd2e",
       "79600eeb5c9175c6d08f26727059301c36cdb764e66231dde8f13f2f2eb46e09"},
      {"attention alone",
       {{"attn_only", true}, {"n_heads", std::int64_t{3}}},
       "fc45633671959495c3a9f5f1d5b5c01162b5f0b1bdae21cc7a8da5cd277fcde9",
       "9cfc89b90b62e58e7cef02f21b6498660a3906810b78b749a4614cb43796ff07"}};
  return all;
}

// p = 53: 1,685 examples, more than one cache holds and several chunks to share out; widths that
// no vector divides.
RunSpec spec_of(const Architecture& architecture) {
  Params model{
      {"d_model", std::int64_t{24}}, {"d_head", std::int64_t{6}}, {"d_mlp", std::int64_t{70}}};
  for (const auto& [key, value] : architecture.model) model.set(key, value);
  return small_spec(53, model);
}

void add(Sha256& digest, const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    digest.update(name);
    digest.update(std::as_bytes(tensor.span()));
  }
}

/// Weights and optimizer state after some steps.
std::string digest_of_training(const Architecture& architecture, int n_steps, int n_threads) {
  const RunSpec spec = spec_of(architecture);
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(n_threads);
  Trainer trainer(spec, task, pool);
  for (int i = 0; i < n_steps; ++i) trainer.step();
  Sha256 digest;
  add(digest, trainer.checkpoint().weights);
  add(digest, trainer.checkpoint().optimizer);
  return digest.finish_hex();
}

bool promises_bits() { return active_target() != "portable"; }

/// All digests that `run` gives on this machine: at 1, 2, 3, 4 and 8 threads, and on each target
/// for which bits are promised.
using Run = std::function<std::string(int n_threads)>;
std::set<std::string> digests_of(const Run& run) {
  std::set<std::string> out;
  for (const int n_threads : {1, 2, 3, 4, 8}) out.insert(run(n_threads));
  const std::string_view before = active_target();
  for (const std::string_view target : available_targets()) {
    if (target == "portable" || target == before) continue;
    force_target(target);
    out.insert(run(2));
  }
  force_target(before);
  return out;
}

void expect_golden(int n_steps, const char* Architecture::*golden) {
  if (!promises_bits()) GTEST_SKIP() << "bits are promised for fused multiply-add";
  for (const Architecture& a : architectures()) {
    SCOPED_TRACE(a.name);
    const auto run = [&](int n_threads) { return digest_of_training(a, n_steps, n_threads); };
    EXPECT_EQ(digests_of(run), std::set<std::string>{a.*golden});
  }
}

// The order of sums over rows is then the regions' own: without one the digests would say less.
TEST(Exactness, rows_of_the_architectures_run_in_blocks) {
  for (const Architecture& a : architectures()) {
    const RunSpec spec = spec_of(a);
    EXPECT_FALSE(regions_of(optimized_training_graph(spec, tasks::data_of(spec.task))).empty())
        << a.name;
  }
}

TEST(Exactness, short_training_has_the_golden_bits) {
  expect_golden(20, &Architecture::digest_after_20_steps);
}

TEST(LongExactness, training_has_the_golden_bits_after_1000_steps) {
  expect_golden(1000, &Architecture::digest_after_1000_steps);
}

TEST(Exactness, DISABLED_print_the_digests) {
  for (const Architecture& a : architectures())
    std::printf("%s\n  \"%s\",\n  \"%s\"\n", a.name, digest_of_training(a, 20, 1).c_str(),
                digest_of_training(a, 1000, 1).c_str());
}

TEST(Exactness, architectures_have_digests_of_their_own) {
  std::set<std::string> seen;
  for (const Architecture& a : architectures()) seen.insert(digest_of_training(a, 5, 1));
  EXPECT_EQ(seen.size(), architectures().size());
}

// Planted breaks, each in an op of its own: sums whose parts are as many as the pool's threads, and
// as many as a vector has lanes. Both are right to within rounding, and both are caught.

float sum_in_parts(ConstFloats x, std::size_t n_parts) {
  std::array<float, 16> part{};
  for (std::size_t i = 0; i < x.size(); ++i) part[i * n_parts / x.size()] += x[i];
  float sum = 0;
  for (const float p : part) sum += p;
  return sum;
}

TensorType one_number(std::span<const TensorType>, const Attributes&) { return {{1}, DType::f32}; }

const OpDef& sum_by_threads() {
  static constexpr OpDef def{
      .name = "sum_by_threads", .infer = one_number, .forward = [](const OpCall& call) noexcept {
        const auto n = static_cast<std::size_t>(call.pool.n_threads());
        call.out()[0] = sum_in_parts(call.floats(0), n);
      }};
  return def;
}

const OpDef& sum_by_lanes() {
  static constexpr OpDef def{
      .name = "sum_by_lanes", .infer = one_number, .forward = [](const OpCall& call) noexcept {
        call.out()[0] = sum_in_parts(call.floats(0), active_target() == "avx512" ? 16 : 8);
      }};
  return def;
}

const OpDef& sum_in_order() {
  static constexpr OpDef def{
      .name = "sum_in_order", .infer = one_number, .forward = [](const OpCall& call) noexcept {
        call.out()[0] = sum_in_parts(call.floats(0), 4);
      }};
  return def;
}

std::set<std::string> digests_of_sum(const OpDef& op) {
  return digests_of([&](int n_threads) {
    Graph g;
    Tensor x(Shape{1000});
    for (std::size_t i = 0; i < x.data.size(); ++i) x.data[i] = 1.0f / static_cast<float>(i + 1);
    g.output("y", g.add(op, {g.constant(std::move(x))}));
    ThreadPool pool(n_threads);
    Program program(std::move(g), n_threads);
    program.run(pool);
    return sha256_hex(std::as_bytes(program.floats("y")));
  });
}

TEST(Exactness, a_sum_that_depends_on_threads_is_caught) {
  EXPECT_EQ(digests_of_sum(sum_in_order()).size(), 1u);
  EXPECT_GT(digests_of_sum(sum_by_threads()).size(), 1u);
}

TEST(Exactness, a_sum_that_depends_on_the_vector_width_is_caught) {
  if (active_target() != "avx512") GTEST_SKIP() << "one vector width only";
  EXPECT_GT(digests_of_sum(sum_by_lanes()).size(), 1u);
}

}  // namespace
}  // namespace grok
