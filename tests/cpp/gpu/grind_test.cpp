// Proof of work on the device finds the smallest witness.
#include "gpu/grind.h"

#include "googletest.h"

#include "devices.h"

using namespace openswirl;

namespace {

uint32_t plain_search(const GrindPoint& point, uint32_t bits) {
  for (uint32_t witness = 0;; ++witness) {
    SpongeState state = point.state;
    state[point.position] = Fp::from_u32(witness);
    poseidon2_permute(state);
    if (state[7].canonical() % (1u << bits) == 0) return witness;
  }
}

}  // namespace

TEST(GpuGrind, SmallestWitness) {
  gpu_test::on_every_device([](gpu::Work& work) {
    for (uint32_t seed = 0; seed < 4; ++seed) {
      GrindPoint point{};
      for (uint32_t i = 0; i < 16; ++i) point.state[i] = Fp::from_u32(1000 * seed + i);
      point.position = 3 * seed;
      for (const uint32_t bits : {1u, 7u}) {
        EXPECT_EQ(gpu::grind(work, point, bits).canonical(), plain_search(point, bits));
      }
    }
  });
}
