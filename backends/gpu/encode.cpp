#include "gpu/encode.h"

#include <algorithm>

#include "field/two_adic.h"

namespace openswirl::gpu {
namespace {

constexpr uint32_t kLogPreferred = 9;           // a pass this large still has 8 lanes in a tile
constexpr uint64_t kMaxEncodedColumns = 65535;  // of one dispatch
// Columns are transformed together up to this many words of scratch memory, and of messages.
constexpr uint64_t kScratchWords = uint64_t{1} << 24;
constexpr uint32_t kLogReadBlock = 4;  // of ntt_pass_values, whose tiles have whole blocks

// The transform of size 2^(first + middle + last): its input index has the digits (i1, i2, i3), most
// significant first, its output index (k3, k2, k1). Each pass transforms one digit.
struct PassSplit {
  uint32_t first = 0, middle = 0, last = 0;
};

PassSplit split(uint32_t log_size, uint32_t log_zero) {
  if (log_size <= kLogNttTile) return {0, 0, log_size};
  const uint32_t passes = log_size <= 2 * kLogPreferred ? 2 : 3;
  PassSplit result;
  // The first pass holds all of the zeros.
  result.first = std::max((log_size + passes - 1) / passes, log_zero);
  const uint32_t rest = log_size - result.first;
  result.middle = rest > kLogPreferred ? rest / 2 : 0;
  result.last = rest - result.middle;
  return result;
}

class Passes {
 public:
  Passes(Work& work, uint32_t log_size, uint32_t log_zero, uint64_t columns)
      : work_(work), split_(split(log_size, log_zero)), log_size_(log_size), columns_(columns) {}

  bool has_first() const { return split_.first > 0; }
  bool has_middle() const { return split_.middle > 0; }

  // values: on D, which become messages first.
  void first(const Range& in, uint64_t in_pitch, const Range& out, uint32_t log_zero, bool values) {
    const uint32_t below = split_.middle + split_.last;
    NttPassArgs args = shape(split_.first, below);
    args.log_zero = log_zero;
    args.in_pitch = in_pitch;
    args.in_element = args.out_element = below;
    args.twiddle_shift = Fp::kTwoAdicity - log_size_, args.twiddles = 1;
    if (!values) return run<calls::NttPass>(args, in, out, 0);
    args.scale = Fp::one().div_2exp(kLogReadBlock).word();
    run<calls::NttPassValues>(args, in, out, 0);
  }

  void middle(const Range& in, const Range& out) {
    const uint32_t below = split_.middle + split_.last;
    NttPassArgs args = shape(split_.middle, split_.last);
    args.in_element = args.out_element = split_.last;
    args.in_outer = args.out_outer = below;
    args.twiddle_shift = Fp::kTwoAdicity - below, args.twiddles = 1;
    run<calls::NttPass>(args, in, out, split_.first);
  }

  void last(const Range& in, uint64_t in_pitch, const Range& out, uint32_t log_zero) {
    NttPassArgs args = shape(split_.last, split_.first);
    args.log_zero = log_zero;
    args.in_pitch = in_pitch;
    args.in_lane = split_.middle + split_.last;
    args.in_outer = split_.last;
    args.out_element = split_.first + split_.middle;
    args.out_outer = split_.first;
    run<calls::NttPass>(args, in, out, split_.middle);
  }

 private:
  NttPassArgs shape(uint32_t log_transform, uint32_t log_lanes) const {
    NttPassArgs args{};
    args.in_pitch = args.out_pitch = uint64_t{1} << log_size_;
    args.log_size = log_transform;
    args.log_lanes = log_lanes;
    args.log_tile_lanes = std::min(log_lanes, kLogNttTile - log_transform);
    args.scale = Fp::one().word();
    return args;
  }
  template <class Pass>
  void run(const NttPassArgs& args, const Range& in, const Range& out, uint32_t log_outer) {
    const Tables& tables = work_.tables();
    work_.recorder().groups(Pass{in, out, tables.roots.range(), tables.powers.range(), args}.call(),
                            uint64_t{1} << (log_outer + args.log_lanes - args.log_tile_lanes),
                            static_cast<uint32_t>(columns_));
  }

  Work& work_;
  PassSplit split_;
  uint32_t log_size_;
  uint64_t columns_;
};

// Whether the first pass may be given values.
bool reads_values(uint32_t log_message, uint32_t log_codeword, uint32_t l_skip) {
  const uint32_t log_zero = log_codeword - log_message;
  return l_skip == kLogReadBlock && log_codeword > kLogNttTile && log_zero <= kLogPreferred &&
         split(log_codeword, log_zero).first + kLogReadBlock <= kLogNttTile;
}

// Zero-padded copies, for a blow-up that is too large for the first pass.
Array padded(Work& work, const Range& messages, uint64_t pitch, uint64_t columns, uint32_t log_message,
             uint32_t log_codeword) {
  Array result = work.words(columns << log_codeword, "padded messages");
  work.recorder().fill(result.range(), 0);
  for (uint64_t c = 0; c < columns; ++c) {
    work.recorder().copy(messages.part(4 * c * pitch, uint64_t{4} << log_message),
                         result.words(c << log_codeword, uint64_t{1} << log_message));
  }
  return result;
}

// values: as for Passes::first.
void encode_group(Work& work, const Range& messages, uint64_t pitch, uint64_t columns, uint32_t log_message,
                  uint32_t log_codeword, bool values, const Range& codewords) {
  const uint32_t log_zero = log_codeword - log_message;
  if (log_codeword > kLogNttTile && log_zero > kLogPreferred) {
    const Array whole = padded(work, messages, pitch, columns, log_message, log_codeword);
    return encode_group(work, whole.range(), uint64_t{1} << log_codeword, columns, log_codeword, log_codeword,
                        false, codewords);
  }
  Passes passes(work, log_codeword, log_zero, columns);
  if (!passes.has_first()) return passes.last(messages, pitch, codewords, log_zero);
  const Array scratch = work.words(columns << log_codeword, "encoding");
  if (passes.has_middle()) {
    // The last pass permutes, so it cannot work in place; the pass before the scratch may use the codewords.
    passes.first(messages, pitch, codewords, log_zero, values);
    passes.middle(codewords, scratch.range());
  } else {
    passes.first(messages, pitch, scratch.range(), log_zero, values);
  }
  passes.last(scratch.range(), uint64_t{1} << log_codeword, codewords, 0);
}

uint64_t group_width(uint32_t log_codeword) {
  return std::clamp<uint64_t>(kScratchWords >> log_codeword, 1, kMaxEncodedColumns);
}

Range columns_of(const Range& range, uint64_t first, uint64_t count, uint64_t pitch, uint32_t log_height) {
  return range.part(4 * first * pitch, 4 * ((count - 1) * pitch + (uint64_t{1} << log_height)));
}

// values: as for Passes::first.
void encode_groups(Work& work, const Range& messages, uint64_t pitch, uint64_t width, uint32_t log_message,
                   uint32_t log_codeword, bool values, const Range& codewords) {
  const uint64_t group = group_width(log_codeword);
  for (uint64_t first = 0; first < width; first += group) {
    const uint64_t count = std::min(width - first, group);
    encode_group(work, columns_of(messages, first, count, pitch, log_message), pitch, count, log_message,
                 log_codeword, values,
                 columns_of(codewords, first, count, uint64_t{1} << log_codeword, log_codeword));
  }
}

uint64_t message_group(uint32_t log_height) { return std::max<uint64_t>(kScratchWords >> log_height, 1); }

}  // namespace

void block_messages(Work& work, const Range& values, uint64_t in_pitch, const Range& messages,
                    uint64_t out_pitch, uint64_t width, uint32_t log_height, uint32_t l_skip) {
  BlockMessagesArgs args{};
  args.in_pitch = in_pitch, args.out_pitch = out_pitch;
  args.log_block = l_skip, args.log_height = log_height;
  args.inverse_count = Fp::one().div_2exp(l_skip).word();
  for (uint64_t first = 0; first < width; first += kMaxEncodedColumns) {
    const uint64_t count = std::min(width - first, kMaxEncodedColumns);
    const calls::NttBlockMessages call{columns_of(values, first, count, in_pitch, log_height),
                                       columns_of(messages, first, count, out_pitch, log_height),
                                       work.tables().roots.range(), args};
    work.recorder().groups(call.call(), uint64_t{1} << (log_height - std::min(log_height, kLogNttTile)),
                           static_cast<uint32_t>(count));
  }
}

void encode_columns(Work& work, const Range& messages, uint64_t pitch, uint64_t width, uint32_t log_message,
                    uint32_t log_codeword, const Range& codewords) {
  encode_groups(work, messages, pitch, width, log_message, log_codeword, false, codewords);
}

void encode_values(Work& work, const Range& values, uint64_t width, uint32_t log_height, uint32_t l_skip,
                   uint32_t log_codeword, const Range& codewords) {
  const uint64_t height = uint64_t{1} << log_height, size = uint64_t{1} << log_codeword;
  if (reads_values(log_height, log_codeword, l_skip)) {
    return encode_groups(work, values, height, width, log_height, log_codeword, true, codewords);
  }
  const uint64_t group = message_group(log_height);
  for (uint64_t first = 0; first < width; first += group) {
    const uint64_t count = std::min(width - first, group);
    const Array messages = work.words(count * height, "messages");
    block_messages(work, values.part(4 * first * height, 4 * count * height), height, messages.range(),
                   height, count, log_height, l_skip);
    encode_columns(work, messages.range(), height, count, log_height, log_codeword,
                   codewords.part(4 * first * size, 4 * count * size));
  }
}

uint64_t encode_values_bytes(uint64_t width, uint32_t log_height, uint32_t l_skip, uint32_t log_codeword) {
  const bool reads = reads_values(log_height, log_codeword, l_skip);
  const uint64_t messages = reads ? 0 : std::min(width, message_group(log_height)) << log_height;
  uint64_t scratch = 0;
  if (log_codeword > kLogNttTile) {
    const bool pads = log_codeword - log_height > kLogPreferred;
    scratch = (std::min(width, group_width(log_codeword)) << log_codeword) * (pads ? 2 : 1);
  }
  return 4 * (messages + scratch);
}

}  // namespace openswirl::gpu
