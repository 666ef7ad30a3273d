// Hashing kernels: Merkle leaves and layers, proof of work (protocol parts 01 and
// 03, 8).
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

struct HashingKernels {
  // Query digests of queries [begin, end), 8 words each, to digests[8 * query]: query y compresses the
  // digests of rows y + t * query_stride for t < rows_per_query, a power of two (part 03, 8). The matrix is
  // column-major; column c starts at c * column_stride.
  void (*query_digests)(const uint32_t* matrix, size_t column_stride, size_t width, size_t rows_per_query,
                        size_t query_stride, size_t begin, size_t end, uint32_t* digests);

  // parents[i] = C(children[2i], children[2i + 1]) for i in [begin, end).
  void (*compress_layer)(const uint32_t* children, uint32_t* parents, size_t begin, size_t end);

  // The smallest canonical witness in [begin, end), end <= p, or `end` if none passes: state[position] =
  // witness, permute, the masked bits of canonical(state[7]) must be zero.
  uint32_t (*grind)(const uint32_t* state, uint32_t position, uint32_t mask, uint32_t begin, uint32_t end);
};

}  // namespace openswirl::stages
