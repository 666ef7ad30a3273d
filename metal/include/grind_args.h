// Arguments of kernels/grind.metal, seen by host and device.
struct GrindArgs {
  u32 state[16];  // Montgomery words
  u32 position;   // where the witness goes
  u32 mask;       // these bits of the canonical sample must be zero
  u32 first, count;
};
