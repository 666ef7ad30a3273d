// Fraction kernels: the layers of the LogUp-GKR tree (protocol part 04, 4). Fractions lie in two arrays p and
// q of extension elements, node after node; the p of leaves may be base elements (p_words = 1 instead of 4).
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

struct FractionKernels {
  // Nodes [begin, end) of the layer above: the projective sums of nodes 2y and 2y + 1.
  void (*add_pairs)(const uint32_t* p, size_t p_words, const uint32_t* q, size_t begin, size_t end,
                    uint32_t* out_p, uint32_t* out_q);

  // A layer as a table: nodes 2x and 2x + 1 hold p_0(x), p_1(x) and the like, and x = 2y, 2y + 1 are the two
  // values of the lowest variable. With h = p_0 q_1 + p_1 q_0 + lambda q_0 q_1 along that variable and e =
  // eq[y - begin], adds over y in [begin, end) e h(1), e times the coefficient of X^2 in h, and e to three
  // extension elements.
  void (*round_sums)(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* eq,
                     const uint32_t* lambda, size_t begin, size_t end, uint32_t* sums);

  // Binds the lowest variable of such a table: writes x = y for y in [begin, end), nodes 2y and 2y + 1.
  void (*bind)(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* challenge, size_t begin,
               size_t end, uint32_t* out_p, uint32_t* out_q);

  // The same for x = 2y and 2y + 1, nodes 4y to 4y + 3, and what round_sums adds for y of the bound table.
  void (*bind_and_sum)(const uint32_t* p, size_t p_words, const uint32_t* q, const uint32_t* challenge,
                       const uint32_t* eq, const uint32_t* lambda, size_t begin, size_t end, uint32_t* out_p,
                       uint32_t* out_q, uint32_t* sums);
};

}  // namespace openswirl::stages
