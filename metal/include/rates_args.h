// Arguments of kernels/rates.metal, seen by host and device.
struct RatesArgs {
  u32 rounds;           // of a chain
  u32 value, quotient;  // of a factor known beforehand
  u32 word;             // a Montgomery word
};

struct RatesReadArgs {
  u32 quads;  // of four words
  u32 step;   // quads between those of a thread
};
