// Arguments of kernels/ntt.metal, seen by host and device. Sizes and strides are log2, of words.
struct NttPassArgs {
  u64 in_pitch, out_pitch;                   // words between columns
  u32 log_size;                              // of this pass's transforms
  u32 log_zero;                              // only the first 2^(log_size - log_zero) inputs exist, the rest are 0
  u32 log_lanes, log_tile_lanes;             // neighbouring transforms in all, and in one group
  u32 in_element, in_lane, in_outer;         // strides of the input ...
  u32 out_element, out_lane, out_outer;      // ... and of the output
  u32 twiddle_shift;                         // outputs are multiplied by g^(element * lane << twiddle_shift)
  u32 twiddles;                              // 0: not multiplied
  u32 scale;                                 // Montgomery word, multiplied into these factors
  u32 unused;                                // no padding
};

struct BlockMessagesArgs {
  u64 in_pitch, out_pitch;  // words between columns
  u32 log_block;            // l_skip, at most 12
  u32 log_height;           // of a column
  u32 inverse_count;        // Montgomery word of 2^-log_block
  u32 unused;               // no padding
};
