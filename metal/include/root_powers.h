// Powers of roots of unity from the device's tables.
#ifndef OPENSWIRL_ROOT_POWERS_H
#define OPENSWIRL_ROOT_POWERS_H

#include "fp.h"

// g^exponent for the generator g of order 2^27. powers: 2^13 powers of g, then 2^14 of g^(2^13).
FN Fp root_power(DEVICE const u32* powers, u32 exponent) {
  const u32 reduced = exponent & ((1u << 27) - 1u);
  return fp_mul(fp_load(powers + (reduced & 8191u)), fp_load(powers + 8192u + (reduced >> 13)));
}

#endif
