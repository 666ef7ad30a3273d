#include "codec/proving_key.h"

#include <memory>

#include "codec/key_parts.h"
#include "codec/verifying_key.h"
#include "hash/sponge.h"

namespace openswirl {
namespace {

void write_matrix(PostcardWriter& out, const std::vector<Fp>& values, uint64_t width, uint64_t height) {
  out.list(values, [&](Fp value) { out.field(value); });
  out.varint(width);
  out.varint(height);
}

// Reads values, width and height; the three must agree and the height be the expected one of them.
std::vector<Fp> read_matrix(PostcardReader& in, uint64_t& width, uint64_t& height) {
  std::vector<Fp> values = in.list<Fp>(1, "matrix values", [&] { return in.field(); });
  width = in.u64();
  height = in.u64();
  if (height == 0 || values.size() / height != width || values.size() % height != 0) {
    in.fail("a matrix has " + std::to_string(values.size()) + " values for width " + std::to_string(width) +
            " and height " + std::to_string(height));
  }
  return values;
}

// The layout as it stands in the bytes, beside the commitment: compared with the key once that is known.
struct EncodedCommitment {
  std::shared_ptr<HostCommitment> data;  // with an incomplete layout
  uint64_t l_skip = 0, layout_height = 0, layout_width = 0, codeword_width = 0;
  size_t offset = 0;
};

// An AIR, where it began, and its commitment if it has one.
constexpr uint64_t kProvingAirMemory =
    sizeof(AirVk) + sizeof(AirPk) + sizeof(size_t) + sizeof(Boxed<EncodedCommitment>);
static_assert(kMaxAirs * kProvingAirMemory <= memory_limit(0),
              "a key of as many AIRs as allowed must be readable");
constexpr uint64_t kCommitmentMemory = list_memory<EncodedCommitment>(1) + list_memory<HostCommitment>(1);
// More than a commitment takes beyond 4 bytes for each byte of its lists: the above, and what its heap blocks
// take beside their elements.
constexpr uint64_t kCommitmentOverhead = 2048;

void write_commitment(PostcardWriter& out, const HostCommitment& data) {
  out.claim(kCommitmentMemory);
  const StackedLayout& layout = data.layout;
  out.varint(layout.l_skip);
  out.varint(uint64_t{1} << layout.log_stacked_height);
  out.varint(layout.width);
  out.list(layout.slices, [&](const StackedSlice& slice) {
    out.varint(slice.matrix);
    out.varint(slice.column);
    out.varint(slice.stacked_column);
    out.varint(slice.start_row);
    out.varint(slice.log_height);
  });
  out.list(layout.matrix_starts, [&](uint64_t start) { out.varint(start); });
  write_matrix(out, data.stacked, data.stacked_width, data.stacked_height);
  write_matrix(out, data.codeword, data.stacked_width, data.codeword_height);
  out.list(data.digest_layers, [&](const std::vector<Digest>& layer) {
    out.list(layer, [&](const Digest& digest) { out.digest(digest); });
  });
  out.varint(data.rows_per_query);
}

EncodedCommitment read_commitment(PostcardReader& in) {
  in.claim(kCommitmentMemory, "preprocessed data");
  EncodedCommitment encoded;
  encoded.data = std::make_shared<HostCommitment>();
  HostCommitment& data = *encoded.data;
  encoded.offset = in.offset();
  encoded.l_skip = in.u64();
  encoded.layout_height = in.u64();
  encoded.layout_width = in.u64();
  data.layout.slices = in.list<StackedSlice>(5, "columns", [&] {
    StackedSlice slice;
    slice.matrix = in.size32("matrix index");
    slice.column = in.size32("column index");
    slice.stacked_column = in.size32("stacked column");
    slice.start_row = in.size32("start row");
    slice.log_height = in.size32("log height");
    return slice;
  });
  data.layout.matrix_starts = in.list<uint64_t>(1, "matrix starts", [&] { return in.u64(); });
  data.stacked = read_matrix(in, data.stacked_width, data.stacked_height);
  data.codeword = read_matrix(in, encoded.codeword_width, data.codeword_height);
  uint64_t size = 0;
  data.digest_layers = in.list<std::vector<Digest>>(1 + kDigestWidth, "digest layers", [&] {
    std::vector<Digest> layer = in.list<Digest>(kDigestWidth, "digests", [&] { return in.digest(); });
    if (layer.empty() || (size != 0 && layer.size() * 2 != size)) in.fail("a digest layer has another size");
    size = layer.size();
    return layer;
  });
  data.rows_per_query = in.u64();
  return encoded;
}

// Completes the layout, after comparing it and every size with what follows from the key.
std::shared_ptr<const HostCommitment> checked_commitment(const PostcardReader& in, EncodedCommitment encoded,
                                                         const SystemParams& params, const AirVk& air) {
  const auto check = [&](bool condition, std::string_view what) {
    if (!condition) in.fail_at(encoded.offset, "preprocessed data: " + std::string(what));
  };
  HostCommitment& data = *encoded.data;
  StackedLayout& layout = data.layout;
  const uint64_t columns = *air.width.preprocessed, height = uint64_t{1} << params.log_stacked_height();
  check(layout.slices.size() == columns, "the layout has another number of columns");
  layout.l_skip = static_cast<uint32_t>(params.l_skip);
  layout.log_stacked_height = static_cast<uint32_t>(params.log_stacked_height());
  const auto log_height =
      static_cast<uint32_t>(air.preprocessed->hypercube_dim + static_cast<int64_t>(params.l_skip));
  SlicePlacer placer(layout.l_skip, layout.log_stacked_height);
  bool same = encoded.l_skip == params.l_skip && encoded.layout_height == height &&
              layout.matrix_starts == std::vector<uint64_t>{0};
  for (uint32_t column = 0; column < columns; ++column) {
    same = layout.slices[column] == placer.place(0, column, log_height) && same;
  }
  layout.matrices = {{columns, log_height}};
  layout.width = placer.width();
  check(same && encoded.layout_width == layout.width, "the layout does not follow from the key");
  check(data.stacked_height == height && data.stacked_width == layout.width,
        "the stacked matrix has another size");
  check(data.codeword_height == height << params.log_blowup && encoded.codeword_width == layout.width,
        "the codeword has another size");
  check(data.rows_per_query == uint64_t{1} << params.whir.k, "the tree has another number of rows per query");
  uint64_t layer_size = data.codeword_height >> params.whir.k;
  for (const std::vector<Digest>& layer : data.digest_layers) {
    check(layer.size() == layer_size && layer_size > 0, "a digest layer has another size");
    layer_size /= 2;
  }
  check(!data.digest_layers.empty() && layer_size == 0, "the tree has another depth");
  check(data.root() == air.preprocessed->commit, "the Merkle root is not the commitment of the key");
  // The layers above the query digests are hashed again; the matrices themselves are taken on trust.
  for (size_t i = 1; i < data.digest_layers.size(); ++i) {
    const std::vector<Digest>& below = data.digest_layers[i - 1];
    for (size_t j = 0; j < data.digest_layers[i].size(); ++j) {
      check(data.digest_layers[i][j] == compress(below[2 * j], below[2 * j + 1]),
            "a digest is not the compression of the two below it");
    }
  }
  return encoded.data;
}

void write_key(PostcardWriter& out, const ProvingKey& pk, bool with_preprocessed_data) {
  codec::write_air_count(out, pk.vk.airs.size(), kProvingAirMemory);
  for (size_t id = 0; id < pk.vk.airs.size(); ++id) {
    const AirPk& air = pk.airs[id];
    out.string(air.name);
    codec::write_air(out, pk.vk.airs[id]);
    out.boolean(air.preprocessed != nullptr);
    if (!air.preprocessed) continue;
    if (with_preprocessed_data) {
      write_commitment(out, *air.preprocessed);
    } else {
      out.claim(kCommitmentOverhead);
    }
  }
  codec::write_height_constraints(out, pk.vk.height_constraints);
  out.varint(pk.vk.params.max_constraint_degree);
  codec::write_params(out, pk.vk.params);
  out.digest(pk.vk.pre_hash);
}

bool fits_memory_limit(const ProvingKey& pk, bool with_preprocessed_data) {
  uint64_t size = 0;
  PostcardWriter out([&](std::span<const uint8_t> block) { size += block.size(); });
  write_key(out, pk, with_preprocessed_data);
  out.flush();
  return out.memory() <= memory_limit(size);
}

}  // namespace

std::vector<uint8_t> encode_proving_key(const ProvingKey& pk) {
  PostcardWriter out;
  write_key(out, pk, true);
  return std::move(out).take();
}

// Preprocessed data can be large, so it is looked at only where its overhead decides.
bool proving_key_decodes(const ProvingKey& pk) {
  return fits_memory_limit(pk, false) || fits_memory_limit(pk, true);
}

ProvingKey decode_proving_key(std::span<const uint8_t> bytes) {
  PostcardReader in(bytes, "proving key");
  ProvingKey pk;
  std::vector<size_t> air_offsets;
  std::vector<Boxed<EncodedCommitment>> encoded;
  // The shortest entry has 14 bytes: an empty name, the shortest AIR key and no preprocessed data.
  const uint64_t airs = codec::read_air_count(in, 14, kProvingAirMemory);
  air_offsets.reserve(airs), encoded.reserve(airs), pk.airs.reserve(airs), pk.vk.airs.reserve(airs);
  for (uint64_t n = airs; n > 0; --n) {
    air_offsets.push_back(in.offset());
    pk.airs.push_back({in.string(), nullptr});
    pk.vk.airs.push_back(codec::read_air(in));
    encoded.emplace_back();
    if (in.boolean()) encoded.back() = read_commitment(in);
  }
  pk.vk.height_constraints = codec::read_height_constraints(in, pk.vk.airs);
  const uint64_t degree = in.u64();
  pk.vk.params = codec::read_params(in);
  pk.vk.pre_hash = in.digest();
  in.expect_end();
  if (degree != pk.vk.params.max_constraint_degree) in.fail("two different constraint degrees");
  codec::check_key(in, pk.vk, air_offsets);
  codec::check_pre_hash(in, pk.vk);
  for (size_t id = 0; id < pk.airs.size(); ++id) {
    if (encoded[id].has_value() != pk.vk.airs[id].preprocessed.has_value()) {
      in.fail_at(air_offsets[id], "preprocessed data without a commitment in the key, or the reverse");
    }
    if (!encoded[id]) continue;
    pk.airs[id].preprocessed = checked_commitment(in, std::move(*encoded[id]), pk.vk.params, pk.vk.airs[id]);
  }
  return pk;
}

}  // namespace openswirl
