#pragma once
// The law checks that run over the catalogue of operations: kernel against plain loops, gradient
// against differences, rows taken before against rows taken after.

#include <cstdint>
#include <string>

#include "grok/graph/op.h"
#include "grok/plan/interpret.h"

namespace grok {

/// Inputs for an example: reals of size 0.1 to 1 and either sign, so that no difference quotient
/// steps over the kink of a ReLU; tokens below the example's limit.
Bindings random_inputs(const OpExample& example, std::uint64_t seed);

/// A graph of one op whose inputs are leaves "x0", "x1", ..., with its value as output "y".
Graph graph_of(const OpDef& op, const OpExample& example);

/// | kernel - reference | / | reference |, of the whole output, at the given number of threads.
double kernel_error(const OpDef& op, const OpExample& example, int n_threads);

/// The kernel's output as bytes, for comparing bits.
std::string kernel_bits(const OpDef& op, const OpExample& example, int n_threads);

/// Largest over the inputs of | vjp - differences | / | differences |, in double: central
/// differences, Richardson's extrapolation of two step widths, every element of every input.
double gradient_error(const OpDef& op, const OpExample& example);

/// Largest difference between the op of sliced inputs and the slice of the op's output, over the
/// axes along which the op says that rows may be taken first. 0 if they agree in every bit.
double source_axes_error(const OpDef& op, const OpExample& example);

}  // namespace grok
