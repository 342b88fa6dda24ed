#include "grok/models/products.h"

#include "grok/base/error.h"
#include "grok/kernels/matmul.h"

namespace grok {

std::vector<double> widened(ConstFloats x) { return {x.begin(), x.end()}; }

std::vector<double> product(const Matrix& a, const Matrix& b, ThreadPool& pool) {
  GROK_REQUIRE(a.n_columns == b.n_rows, std::to_string(a.n_columns) + " columns times " +
                                            std::to_string(b.n_rows) + " rows");
  std::vector<double> out(static_cast<std::size_t>(a.n_rows * b.n_columns));
  const MatmulOf<double> call{.a = a.values.data(),
                              .lda = a.is_transposed ? a.n_rows : a.n_columns,
                              .transpose_a = a.is_transposed,
                              .b = b.values.data(),
                              .ldb = b.is_transposed ? b.n_rows : b.n_columns,
                              .transpose_b = b.is_transposed,
                              .c = out.data(),
                              .ldc = b.n_columns,
                              .m = a.n_rows,
                              .n = b.n_columns,
                              .k = a.n_columns};
  const std::int64_t bytes =
      matmul_scratch_bytes<double>(b.n_columns, a.n_columns, pool.n_threads());
  AlignedVector<std::byte> scratch(static_cast<std::size_t>(bytes));
  matmul(call, scratch, pool);
  return out;
}

}  // namespace grok
