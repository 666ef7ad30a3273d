// A trace of the caller's that a device reads once, when it is committed.
#pragma once

#include "backend/backend.h"
#include "stages/commitment.h"

namespace openswirl::workers {

class BorrowedMatrix final : public DeviceMatrix {
 public:
  // Throws Error{kInput} unless the number of rows is a power of two.
  explicit BorrowedMatrix(const HostMatrix& source);
  uint64_t rows() const override { return source_.rows; }
  uint64_t columns() const override { return source_.columns; }
  stages::SourceMatrix source() const {
    return {source_.data, source_.rows, source_.columns, source_.order == HostMatrix::Order::kRowMajor};
  }

 private:
  HostMatrix source_;
};

}  // namespace openswirl::workers
