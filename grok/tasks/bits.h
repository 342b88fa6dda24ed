#pragma once
// Tasks on random bits, of which some matter: sparse_parity and boolean.
//
//   tokens     n_bits bits, each 0 or 1 with equal chance; read at the last position
//   features   bit 0 stands for -1 and bit 1 for +1, so that a plain MLP reads signs
//   the k bits that matter are the first, or drawn once by subset_seed (our stream "subset")
//
// Examples are drawn with replacement: with few bits, one that is tested may be trained on too.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

namespace grok {

/// The fields n_bits, k, subset, subset_seed.
std::vector<Field> bit_fields(std::int64_t n_bits, std::int64_t k);

/// For the check of such a task's schema.
void check_bits(const Params& task, Mistakes& mistakes);

/// The places of the bits that matter, in the order in which they matter.
using Places = std::vector<std::size_t>;
Places relevant_bits(const Params& task);

/// The answer of a row of bits: a class.
using BitAnswer = std::function<Token(Tokens bits)>;

/// Random bits with their answers; `task` also has the fields of `generated_fields`.
TaskData bits_data(const Params& task, int n_classes, const BitAnswer& answer);

/// 1 if an odd number of these bits is 1, else 0.
Token parity_of(Tokens bits, const Places& places);

}  // namespace grok
