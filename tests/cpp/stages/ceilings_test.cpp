// Measured ceilings are plausible; that the measured kernels are right is the self test's subject.
#include "stages/ceilings.h"

#include "googletest.h"
#include "openswirl/failure.h"

using namespace openswirl;

TEST(Ceilings, MeasuresEveryCeiling) {
  const Context context;
  const Ceilings ceilings = stages::measure_ceilings(context);
  for (const double rate :
       {ceilings.multiplications, ceilings.butterflies, ceilings.additions, ceilings.multiply_accumulates,
        ceilings.ext_multiplications, ceilings.permutations, ceilings.copy_bytes, ceilings.read_bytes}) {
    // Nothing that runs on a processor is faster; a loop that was optimised away would be.
    EXPECT_GT(rate, 1e3);
    EXPECT_LT(rate, 1e15);
  }
  EXPECT_GT(ceilings.permutation_s, 1e-9);
  EXPECT_LT(ceilings.permutation_s, 1);
  // A permutation is more than 16 multiplications, an extension multiplication more than four.
  EXPECT_LT(ceilings.permutations * 16, ceilings.multiplications);
  EXPECT_LT(ceilings.ext_multiplications * 4, ceilings.multiplications);
  EXPECT_FALSE(ceilings.launch_s);
  EXPECT_FALSE(ceilings.wait_s);
  EXPECT_EQ(context.meter->current(), 0u);
}

TEST(Ceilings, CanBeCancelled) {
  const Context context;
  context.cancel->cancel();
  EXPECT_THROW(stages::measure_ceilings(context), Error);
}
