#include "workers/borrowed_matrix.h"

#include <bit>

namespace openswirl::workers {

BorrowedMatrix::BorrowedMatrix(const HostMatrix& source) : source_(source) {
  if (!std::has_single_bit(source.rows)) {
    throw Error(FailureKind::kInput, "a matrix of " + std::to_string(source.rows) +
                                         " rows: the number of rows must be a power of two; pad the trace");
  }
}

}  // namespace openswirl::workers
