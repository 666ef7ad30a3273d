// Arguments of kernels/fractions.metal, seen by host and device. Nodes beyond the stored ones are (0, padding).
struct FractionsAddArgs {
  u32 padding[4];
  u32 p_words;    // of a numerator below: 1 in the base field, else 4
  u32 layers;     // to make, 1 .. 8
  u32 stored[9];  // nodes below, then of each layer
};

struct FractionsRoundArgs {
  u32 lambda[4], challenge[4], padding[4];
  u32 p_words;
  u32 stored;             // nodes of the table that is read
  u32 lines;              // of the (folded) table, four nodes each, that hold a stored node
  u32 log_low;            // the weight of line z is eq[low + z mod 2^log_low] eq[high + z >> log_low]
  u32 eq_low, eq_high;    // elements
};
