// Proof of work: the smallest witness, the same for every number of threads.
#include "stages/grind.h"

#include "googletest.h"
#include "openswirl/failure.h"
#include "stage_inputs.h"

using namespace openswirl;

TEST(Grind, WitnessIsTheSmallestForAnyNumberOfThreads) {
  for (const uint32_t bits : {1u, 5u, 12u}) {
    for (uint32_t seed = 0; seed < 4; ++seed) {
      GrindPoint point;
      for (uint32_t i = 0; i < 16; ++i) point.state[i] = Fp::from_u32(seed * 1000 + i);
      point.position = seed * 2;
      uint32_t expected = 0;
      for (;; ++expected) {
        SpongeState state = point.state;
        state[point.position] = Fp::from_u32(expected);
        poseidon2_permute(state);
        if (state[7].canonical() % (1u << bits) == 0) break;
      }
      for (const unsigned threads : {1u, 2u, 7u}) {
        EXPECT_EQ(stages::grind(stages_test::context(threads), point, bits).canonical(), expected);
      }
    }
  }
}

TEST(Grind, StopsAtATimeout) {
  Context context = stages_test::context(2);
  context.cancel->set_timeout(std::chrono::milliseconds(20));
  GrindPoint point{};
  bool stopped = false;
  try {
    stages::grind(context, point, 30);
  } catch (const Error& error) {
    stopped = error.kind() == FailureKind::kTimeout;
  }
  EXPECT_TRUE(stopped);
}
