#pragma once
// The least work that a training step of a one-layer transformer on pairs of tokens comes down to
// by exact algebra: the bar that step_bench measures against.

namespace grok::bench {

struct Case;

/// Floating-point operations, two per multiply-add, of a step whose linear parts are folded
/// (docs/step_program.md). With n examples, R = 2p + 1 distinct rows of the residual stream, H
/// heads, D = d_model, h = d_head, F = d_mlp and W = F + p columns of what the heads write into, in
/// multiply-adds:
///
///   products   3 n F p          logits, their gradient's way to the hidden units and to the table
///   mixing     2 * 2 n H W      an example's rows of two tokens in H heads, and their way back
///   tables     3 * (2 R D H h + H h D W + R H h W + F D p)
///                               keys and values of R rows, W_O into (W_in, W_U), heads of R rows
///                               into it, W_out into W_U: forward, and twice as much backward
///
/// A bar, not a census: scores, softmax, the gradient of the attention weights, the loss itself and
/// the optimizer are left out, which together are a few per cent. The canonical step's 3,830
/// examples, p = 113, D = 128, H = 4, h = 32, F = 512 come to 1.67 GFLOP: 1.33 of products, 0.08 of
/// mixing and 0.26 of tables.
double floor_flops(const Case& model, double n_examples);

}  // namespace grok::bench
