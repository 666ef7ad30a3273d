// Measured ceilings are plausible; that the measured kernels are right is the self test's subject.
#include "stages/ceilings.h"

#include "harness.h"
#include "openswirl/failure.h"

using namespace openswirl;

TEST_CASE("every ceiling of the machine is measured") {
  const Context context;
  const Ceilings ceilings = stages::measure_ceilings(context);
  for (const double rate :
       {ceilings.multiplications, ceilings.butterflies, ceilings.additions, ceilings.multiply_accumulates,
        ceilings.ext_multiplications, ceilings.permutations, ceilings.copy_bytes, ceilings.read_bytes}) {
    // Nothing that runs on a processor is faster; a loop that was optimised away would be.
    CHECK(rate > 1e3 && rate < 1e15);
  }
  CHECK(ceilings.permutation_s > 1e-9 && ceilings.permutation_s < 1);
  // A permutation is more than 16 multiplications, an extension multiplication more than four.
  CHECK(ceilings.permutations * 16 < ceilings.multiplications);
  CHECK(ceilings.ext_multiplications * 4 < ceilings.multiplications);
  CHECK(!ceilings.launch_s && !ceilings.wait_s);
  CHECK_EQ(context.meter->current(), uint64_t{0});
}

TEST_CASE("measuring can be cancelled") {
  const Context context;
  context.cancel->cancel();
  CHECK_THROWS_AS(stages::measure_ceilings(context), Error);
}
