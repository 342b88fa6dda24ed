#pragma once
// What the logits of modular addition are made of: projections on the waves cos and sin of
// w_k (a + b), and the losses that remain with or without them.
//
// Throughout, logits are [p * p, p]: row a * p + b is the input (a, b), no column for '=', the
// label is (a + b) mod p, and p is odd. For subtraction, hand the rows over with b replaced by -b.
// "Rows" says on which inputs a loss is taken (a split); projections always use all inputs.
//
// Since a wave of a + b depends on an input through s = (a + b) mod p alone, inputs that share s
// are summed first, and everything here but the excluded losses works on p * p numbers.

#include <span>
#include <vector>

#include "grok/analysis/cross_entropy.h"
#include "grok/analysis/fourier.h"

namespace grok {

/// Logits without the columns beyond p ('='), in double.
///   logits   [p * p, n_columns]
///   returns  [p * p, p]
std::vector<double> class_logits(ConstFloats logits, int p, int n_columns);
std::vector<double> class_logits(Doubles logits, int p, int n_columns);

/// (a + b) mod p for each of the p * p inputs.
std::vector<Token> addition_labels(int p);

/// The logits' components along the waves of a + b, for all frequencies.
struct SumSpectrum {
  int p = 0;
  std::vector<double> mean;    // [p]        over all inputs, of each output
  std::vector<double> cosine;  // [n_freq, p]  <c_k, L[:, c]>, row k-1
  std::vector<double> sine;  // [n_freq, p]  <s_k, L[:, c]>; c_k, s_k: unit vectors over p^2 inputs
  double sum_squares = 0;    // of all p^3 logits, about their common mean
};

///   cost     about p^3 additions and p^3 multiply-adds
///   throws   ContractBroken unless there are p^3 logits
///   source   Nanda et al. 2023, arXiv:2301.05217, section 5.1
SumSpectrum sum_spectrum(Doubles logits, int p);

/// The part of the logits that varies as cos and sin of w_k (a + b), k in keys, by s = (a + b) mod
/// p.
///   keys     distinct, each in 1..(p-1)/2, or ContractBroken; so everywhere below
///   returns  [p, p]   row s, column c
///   cost     2 p^2 multiply-adds for each key
std::vector<double> project_by_sum(const SumSpectrum& spectrum, std::span<const int> keys);

/// The same for every input: `sum over keys of P_k L`.
///   returns  [p * p, p]
///   throws   ContractBroken unless there are p^3 logits
///   cost     as sum_spectrum, and p^3 copies
std::vector<double> project_on_keys(Doubles logits, int p, std::span<const int> keys);

/// Loss of the key waves alone, with each output's mean restored.
///   rows     inputs a * p + b that the loss is a mean over; ContractBroken beyond p^2, NaN for
///   none cost     as project_by_sum, and p exponentials a row source   "restricted loss" of the
///   paper; "trig loss" of its authors' code
LossAndAccuracy restricted_loss(const SumSpectrum& spectrum, std::span<const int> keys, Rows rows);

/// Loss after taking away the 2 waves of a + b of each key, all keys at once; nothing restored. The
/// paper's figure 7, on the train split. ("2D": directions in the plane of inputs.)
///   throws   ContractBroken unless there are p^3 logits, and as restricted_loss
///   cost     p exponentials and p multiply-adds a row: the dear ones, 1.4 million at p = 113
LossAndAccuracy excluded_loss_2d(Doubles logits, const SumSpectrum& spectrum,
                                 std::span<const int> keys, Rows rows);

/// Loss after taking away one direction, cos(w_k (a + b - c)), per key, all keys at once. ("3D":
/// directions in the cube of inputs and outputs.) Throws and costs as the one before.
LossAndAccuracy excluded_loss_3d(Doubles logits, const SumSpectrum& spectrum,
                                 std::span<const int> keys, Rows rows);

/// v_k = <C_k, L> for all k, where C_k is cos(2 pi k (a + b - c) / p) as a unit vector over p^3.
/// Entry k-1 is frequency k. Not divided by the logits' length.
std::vector<double> cos_coefficients(const SumSpectrum& spectrum);

/// Logits fitted by the waves cos(w_k (a + b - c)) of the keys, by least squares.
///   cost     p multiply-adds a key, p exponentials
struct TrigFit {
  double explained = 0;  // share of the logits' variance about their one common mean; 0 if none
  double loss = 0;       // of the fitted logits; the same for every input
};
TrigFit trig_fit(const SumSpectrum& spectrum, std::span<const int> keys);

}  // namespace grok
