// Known answers of the protocol parts 01 and 03.
#include "self_test.h"

#include <array>

#include "commitment.h"
#include "grind.h"
#include "poly/univariate.h"

namespace openswirl::reference {
namespace {

void expect(bool passed, const char* what) {
  if (passed) return;
  throw Error(FailureKind::kDevice, std::string("self test of the reference device: wrong ") + what);
}

}  // namespace

void run_self_test(const Context& context) {
  const Ext a(Fp::from_u32(1), Fp::from_u32(2), Fp::from_u32(3), Fp::from_u32(4));
  expect(a.inverse() == Ext(Fp::from_u32(1587469345), Fp::from_u32(920666518), Fp::from_u32(1160282443),
                            Fp::from_u32(647153706)),
         "inverse in the extension field (part 01, 2.2)");

  SpongeState state{};
  poseidon2_permute(state);
  expect(state[0].canonical() == 1168947398 && state[15].canonical() == 11259290,
         "permutation of zeros (part 01, 3.4)");

  SpongeState pending{};
  for (uint32_t i = 0; i < 3; ++i) pending[i] = Fp::from_u32(11 * (i + 1));
  expect(smallest_witness({pending, 3}, 10, context) == Fp::from_u32(1053),
         "proof-of-work witness (part 01, 6.3)");

  // Part 03, 7.3 with l_skip = 2: one column of height 8, rate 1/2.
  std::vector<Fp> column;
  for (const uint32_t value : {1, 2, 3, 4, 5, 0, 0, 0}) column.push_back(Fp::from_u32(value));
  evaluations_to_message(std::span(column), 2);
  const std::vector<Fp> codeword = encode(std::move(column), 4, context);
  const std::array<uint32_t, 4> expected = {360885795, 161328897, 115165860, 1784787162};
  for (size_t i = 0; i < 4; ++i) expect(codeword[i].canonical() == expected[i], "codeword (part 03, 7.3)");
}

}  // namespace openswirl::reference
