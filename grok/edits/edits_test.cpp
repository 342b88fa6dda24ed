#include <cmath>

#include <gtest/gtest.h>

#include "grok/analysis/fourier.h"
#include "grok/edits/edit.h"
#include "grok/optim/optimizer.h"
#include "tests/support/expect_error.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

// A state that has learnt nothing but has moments to forget.
class edited_state : public ::testing::Test {
 protected:
  edited_state() {
    ThreadPool pool(1);
    Trainer trainer(spec, task, pool);
    for (int i = 0; i < 5; ++i) trainer.step();
    state = trainer.checkpoint();
    before = state;
  }

  std::string apply(const std::string& text) {
    Edit edit = parse_edit(text);
    edit.def->apply({edit.params, spec, task, state, frozen, help});
    return edit_text(edit);
  }
  std::vector<double> spectrum(const Checkpoint& of) const {
    const Tensor& W_E = of.weights.at("embed.W_E");
    const int p = *task.modulus;
    const auto n = static_cast<std::size_t>(p) * static_cast<std::size_t>(W_E.shape[1]);
    const std::vector<double> rows(W_E.data.begin(), W_E.data.begin() + static_cast<long>(n));
    return frequency_norms(component_norms(FourierBasis(p), rows));
  }

  RunSpec spec = small_spec();
  TaskData task = tasks::data_of(spec.task);
  Checkpoint state, before;
  Texts frozen;
  EditHelp help{
      [](const Weights&, std::int64_t) {
        return std::vector<int>{1, 3};
      },
      [this](const std::string&, std::optional<std::int64_t> step, const std::string& name) {
        Tensor tensor = before.weights.at(name);
        tensor.data[0] = 42;
        return EditHelp::Found{"digest", step.value_or(77), tensor};
      }};
};

TEST_F(edited_state, without_a_frequency_has_all_the_others) {
  const std::vector<double> was = spectrum(state);
  apply("remove_frequency:frequency=3");
  const std::vector<double> is = spectrum(state);
  EXPECT_LT(is[2], 1e-6 * was[2]);
  for (const std::size_t k : {0u, 1u}) EXPECT_NEAR(is[k], was[k], 1e-6 * was[k]) << k + 1;
  // The row of '=' and the other weights are as they were.
  const Tensor& W_E = state.weights.at("embed.W_E");
  EXPECT_EQ(W_E.data.back(), before.weights.at("embed.W_E").data.back());
  EXPECT_EQ(state.weights.at("unembed.W_U"), before.weights.at("unembed.W_U"));
  EXPECT_EQ(state.optimizer, before.optimizer);
}

TEST_F(edited_state, has_a_frequency_scaled_in_proportion) {
  const std::vector<double> was = spectrum(state);
  apply("scale_frequency:frequency=2,factor=3");
  EXPECT_NEAR(spectrum(state)[1], 3 * was[1], 1e-5 * was[1]);
  apply("scale_frequency:frequency=2,factor=1");
  EXPECT_NEAR(spectrum(state)[1], 3 * was[1], 1e-5 * was[1]);
}

TEST_F(edited_state, without_a_frequency_of_the_answers) {
  apply("remove_frequency:frequency=1,of=unembedding");
  const Tensor& W_U = state.weights.at("unembed.W_U");
  const int p = *task.modulus;
  const Circle circle(p);
  double largest = 0;
  for (std::int64_t d = 0; d < W_U.shape[0]; ++d) {
    double cosine = 0, sine = 0;
    for (int c = 0; c < p; ++c) {
      const double value = W_U.data[static_cast<std::size_t>(d * W_U.shape[1] + c)];
      cosine += value * circle.cos(1, c);
      sine += value * circle.sin(1, c);
    }
    largest = std::max({largest, std::fabs(cosine), std::fabs(sine)});
  }
  EXPECT_LT(largest, 1e-5);
  EXPECT_EQ(state.weights.at("embed.W_E"), before.weights.at("embed.W_E"));
}

double loss_after(const RunSpec& spec, const TaskData& task, const Checkpoint& from, int steps,
                  Checkpoint& out) {
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool, from);
  double loss = 0;
  for (int i = 0; i < steps; ++i) loss = trainer.step();
  out = trainer.checkpoint();
  return loss;
}

// For good: whatever training does, they stay at zero.
TEST_F(edited_state, without_neurons_stays_without_them) {
  EXPECT_EQ(apply("ablate_neurons:neurons=[0,2]"),
            "ablate_neurons:frequency=0,layer=0,neurons=[0,2]");
  Checkpoint later;
  loss_after(spec, task, state, 50, later);
  const Tensor& W_out = later.weights.at("blocks.0.mlp.W_out");
  const Tensor& b_in = later.weights.at("blocks.0.mlp.b_in");
  const auto d_model = static_cast<std::size_t>(W_out.shape[1]);
  for (std::size_t d = 0; d < d_model; ++d) {
    EXPECT_EQ(W_out.data[d], 0);
    EXPECT_EQ(W_out.data[2 * d_model + d], 0);
    EXPECT_NE(W_out.data[d_model + d], 0);
  }
  EXPECT_EQ(b_in.data[0], 0);
}

TEST_F(edited_state, without_a_cluster_says_which_neurons_that_were) {
  EXPECT_EQ(apply("ablate_neurons:frequency=2"),
            "ablate_neurons:frequency=2,layer=0,neurons=[1,3]");
}

TEST_F(edited_state, without_a_head_stays_without_it) {
  apply("ablate_head:head=1");
  Checkpoint later;
  loss_after(spec, task, state, 50, later);
  const Tensor& W_O = later.weights.at("blocks.0.attn.W_O");
  const auto size = static_cast<std::size_t>(W_O.shape[1] * W_O.shape[2]);
  for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(W_O.data[size + i], 0) << i;
  EXPECT_NE(W_O.data[0], 0);
}

TEST_F(edited_state, forgets_its_moments) {
  apply("reset_moments:tensors=[embed.W_E]");
  EXPECT_EQ(state.optimizer.at("adamw.m.embed.W_E"), Tensor(state.weights.at("embed.W_E").shape));
  EXPECT_EQ(state.optimizer.at("adamw.v.unembed.W_U"), before.optimizer.at("adamw.v.unembed.W_U"));
  apply("reset_moments");
  EXPECT_EQ(state.optimizer, optim::of(spec.optim).init(spec.optim, state.weights));
  EXPECT_EQ(state.weights, before.weights);
}

// What filters remember is forgotten too; the weights to which others decay are no memory.
TEST_F(edited_state, forgets_what_filters_remember_and_not_where_weights_decay_to) {
  spec.optim = named("adamw", optim::adamw().schema(),
                     {{"filters", Texts{"grokfast_ma"}},
                      {"grokfast_ma.window", std::int64_t{3}},
                      {"weight_decay_to", std::string("initial")}},
                     spec.train);
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool);
  const Weights first = trainer.weights();
  for (int i = 0; i < 5; ++i) trainer.step();
  state = trainer.checkpoint();
  apply("reset_moments");
  for (const auto& [name, tensor] : state.optimizer) {
    if (name == "grokfast_ma.n_seen") continue;
    const bool is_initial = name.starts_with(initial_prefix);
    EXPECT_EQ(tensor,
              is_initial ? first.at(name.substr(initial_prefix.size())) : Tensor(tensor.shape))
        << name;
  }
}

TEST_F(edited_state, moves_by_the_norm_of_the_noise) {
  apply("add_noise:norm=0.5,seed=7");
  double squares = 0;
  for (const auto& [name, tensor] : state.weights)
    for (std::size_t i = 0; i < tensor.data.size(); ++i) {
      const double d = tensor.data[i] - before.weights.at(name).data[i];
      squares += d * d;
    }
  EXPECT_NEAR(std::sqrt(squares), 0.5, 1e-5);
  const Checkpoint once = state;
  state = before;
  apply("add_noise:norm=0.5,seed=7");
  EXPECT_EQ(state, once);
  state = before;
  apply("add_noise:norm=0.5,seed=8");
  EXPECT_NE(state, once);
}

TEST_F(edited_state, has_another_runs_tensor) {
  EXPECT_EQ(apply("swap_tensor:tensor=embed.W_E,run=other.grok,step=3"),
            R"(swap_tensor:run="digest",step=3,tensor="embed.W_E")");
  EXPECT_EQ(state.weights.at("embed.W_E").data[0], 42);
  EXPECT_EQ(apply("swap_tensor:tensor=embed.W_E,run=other.grok,step=last"),
            R"(swap_tensor:run="digest",step=77,tensor="embed.W_E")");
  EXPECT_TRUE(fails_with(ErrorCode::usage, "step: expected \"last\" or an integer",
                         [] { parse_edit("swap_tensor:tensor=a,run=b,step=first"); }));
}

TEST_F(edited_state, names_what_stays_as_it_is) {
  apply("freeze:tensors=[embed.W_E,unembed.W_U]");
  EXPECT_EQ(frozen, (Texts{"embed.W_E", "unembed.W_U"}));
  apply("freeze:tensors=[embed.W_E]");
  EXPECT_EQ(frozen.size(), 2u);
  apply("thaw:tensors=[embed.W_E]");
  EXPECT_EQ(frozen, Texts{"unembed.W_U"});
}

TEST_F(edited_state, refuses_what_is_not_there) {
  const auto refuses = [&](const char* text, const char* words) {
    return fails_with(ErrorCode::usage, words, [&] { apply(text); });
  };
  EXPECT_TRUE(refuses("ablate_head:head=9", "head 9: there are"));
  EXPECT_TRUE(refuses("ablate_head:head=0,layer=1", "layer 1: there is 1, counted from 0"));
  EXPECT_TRUE(refuses("ablate_neurons:neurons=[0],layer=1", "layer 1: there is 1, counted from 0"));
  EXPECT_TRUE(refuses("ablate_neurons:neurons=[100000]", "neuron 100000: there are"));
  EXPECT_TRUE(refuses("ablate_neurons", "give frequency=K or neurons=[...]"));
  EXPECT_TRUE(refuses("freeze:tensors=[embed.W_F]", "did you mean embed.W_E?"));
  EXPECT_TRUE(refuses("freeze:tensors=[embed.W_E,embed.W_E]", "embed.W_E is named twice"));
  EXPECT_TRUE(refuses("remove_frequency:frequency=4294967297", "they go from 1 to 3"));
  EXPECT_TRUE(refuses("ablate_neurons:frequency=2,layer=1", "leave out neurons and layer"));
  EXPECT_EQ(state, before);
}

// What is said of the model, where it has no such part at all.
TEST_F(edited_state, refuses_what_its_model_does_not_have) {
  spec.model = named("mlp", models::mlp().schema(), {}, spec.train);
  state = before = first_checkpoint(spec, task);
  const auto refuses = [&](const char* text, const char* words) {
    return fails_with(ErrorCode::usage, words, [&] { apply(text); });
  };
  EXPECT_TRUE(refuses("ablate_head:head=0", "model mlp has no attention heads"));
  EXPECT_TRUE(refuses("ablate_neurons:neurons=[0]", "model mlp has no blocks with an MLP"));
  EXPECT_TRUE(refuses("ablate_neurons:frequency=2", "model mlp has no blocks with an MLP"));
  EXPECT_TRUE(refuses("remove_frequency:frequency=2", "model mlp has no embedding (embed.W_E)"));
  EXPECT_EQ(state, before);
}

TEST(edit_text, reads_and_says_the_same) {
  for (const char* text :
       {R"(remove_frequency:frequency=14,of="unembedding")", R"(reset_moments:tensors=[])",
        R"(add_noise:norm=0.25,seed=3,tensors=["embed.W_E"])",
        R"(ablate_neurons:frequency=0,layer=1,neurons=[4,5])"})
    EXPECT_EQ(edit_text(parse_edit(text)), text);
}

TEST(edit_text, tells_all_that_is_wrong) {
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, "unknown edit \"remove\"", [] { parse_edit("remove"); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "expected KEY=VALUE, found \"14\"",
                         [] { parse_edit("remove_frequency:14"); }));
  EXPECT_TRUE(
      fails_with(ErrorCode::usage, "frequency: missing", [] { parse_edit("remove_frequency"); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "of: expected one of",
                         [] { parse_edit("remove_frequency:frequency=0,of=elsewhere"); }));
}

// To be listed is to be tested: every edit names itself and has a meaning for each of its settings.
TEST(edits_catalog, is_complete) {
  for (const EditDef* def : edits::catalog()) {
    EXPECT_EQ(edits::find(def->name), def);
    EXPECT_FALSE(def->meaning.empty()) << def->name;
    for (const Field& field : def->schema().fields)
      EXPECT_FALSE(field.meaning.empty()) << field.name;
  }
}

}  // namespace
}  // namespace grok
