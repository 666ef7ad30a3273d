#include "codec/proving_key.h"

#include "codec/key_parts.h"
#include "codec/verifying_key.h"
#include "hash/sponge.h"

namespace openswirl {
namespace {

void write_matrix(PostcardWriter& out, const std::vector<Fp>& values, uint64_t width, uint64_t height) {
  out.varint(values.size());
  for (const Fp value : values) out.field(value);
  out.varint(width);
  out.varint(height);
}

// Reads values, width and height; the three must agree and the height be the expected one of them.
std::vector<Fp> read_matrix(PostcardReader& in, uint64_t& width, uint64_t& height) {
  std::vector<Fp> values(in.length(1, "matrix values"));
  for (Fp& value : values) value = in.field();
  width = in.u64();
  height = in.u64();
  if (height == 0 || values.size() / height != width || values.size() % height != 0) {
    in.fail("a matrix has " + std::to_string(values.size()) + " values for width " + std::to_string(width) +
            " and height " + std::to_string(height));
  }
  return values;
}

void write_commitment(PostcardWriter& out, const HostCommitment& data) {
  const StackedLayout& layout = data.layout;
  out.varint(layout.l_skip);
  out.varint(uint64_t{1} << layout.log_stacked_height);
  out.varint(layout.width);
  out.varint(layout.slices.size());
  for (const StackedSlice& slice : layout.slices) {
    out.varint(slice.matrix);
    out.varint(slice.column);
    out.varint(slice.stacked_column);
    out.varint(slice.start_row);
    out.varint(slice.log_height);
  }
  out.varint(layout.matrix_starts.size());
  for (const uint64_t start : layout.matrix_starts) out.varint(start);
  write_matrix(out, data.stacked, data.stacked_width, data.stacked_height);
  write_matrix(out, data.codeword, data.stacked_width, data.codeword_height);
  out.varint(data.digest_layers.size());
  for (const std::vector<Digest>& layer : data.digest_layers) {
    out.varint(layer.size());
    for (const Digest& digest : layer) out.digest(digest);
  }
  out.varint(data.rows_per_query);
}

// The layout as it stands in the bytes, beside the commitment: compared with the key once that is known.
struct EncodedCommitment {
  HostCommitment data;
  uint64_t l_skip = 0, layout_height = 0, layout_width = 0, codeword_width = 0;
  size_t offset = 0;
};

EncodedCommitment read_commitment(PostcardReader& in) {
  EncodedCommitment encoded;
  HostCommitment& data = encoded.data;
  encoded.offset = in.offset();
  encoded.l_skip = in.u64();
  encoded.layout_height = in.u64();
  encoded.layout_width = in.u64();
  const uint64_t columns = in.length(5, "columns");
  data.layout.slices.reserve(columns);
  for (uint64_t n = columns; n > 0; --n) {
    StackedSlice slice;
    slice.matrix = in.size32("matrix index");
    slice.column = in.size32("column index");
    slice.stacked_column = in.size32("stacked column");
    slice.start_row = in.u64();
    slice.log_height = in.size32("log height");
    data.layout.slices.push_back(slice);
  }
  data.layout.matrix_starts.resize(in.length(1, "matrix starts"));
  for (uint64_t& start : data.layout.matrix_starts) start = in.u64();
  data.stacked = read_matrix(in, data.stacked_width, data.stacked_height);
  data.codeword = read_matrix(in, encoded.codeword_width, data.codeword_height);
  for (uint64_t n = in.length(1, "digest layers"); n > 0; --n) {
    std::vector<Digest> layer(in.length(kDigestWidth, "digests"));
    for (Digest& digest : layer) digest = in.digest();
    const bool halves = data.digest_layers.empty() || layer.size() * 2 == data.digest_layers.back().size();
    if (layer.empty() || !halves) in.fail("a digest layer has another size");
    data.digest_layers.push_back(std::move(layer));
  }
  data.rows_per_query = in.u64();
  return encoded;
}

bool same_slice(const StackedSlice& a, const StackedSlice& b) {
  return a.matrix == b.matrix && a.column == b.column && a.stacked_column == b.stacked_column &&
         a.start_row == b.start_row && a.log_height == b.log_height;
}

// Replaces the encoded layout by the one that follows from the key, after comparing them and every size.
HostCommitment checked_commitment(const PostcardReader& in, EncodedCommitment encoded,
                                  const SystemParams& params, const AirVk& air) {
  const auto check = [&](bool condition, std::string_view what) {
    if (!condition) in.fail_at(encoded.offset, "preprocessed data: " + std::string(what));
  };
  HostCommitment& data = encoded.data;
  check(air.preprocessed.has_value(), "the AIR has no preprocessed commitment");
  check(data.layout.slices.size() == *air.width.preprocessed, "the layout has another number of columns");
  const MatrixShape matrix{
      *air.width.preprocessed,
      static_cast<uint32_t>(air.preprocessed->hypercube_dim + static_cast<int64_t>(params.l_skip))};
  StackedLayout layout = make_stacked_layout(
      static_cast<uint32_t>(params.l_skip), static_cast<uint32_t>(params.log_stacked_height()), {&matrix, 1});
  const uint64_t height = uint64_t{1} << params.log_stacked_height();
  bool same = encoded.l_skip == params.l_skip && encoded.layout_height == height &&
              encoded.layout_width == layout.width && layout.matrix_starts == data.layout.matrix_starts;
  for (size_t i = 0; same && i < layout.slices.size(); ++i)
    same = same_slice(layout.slices[i], data.layout.slices[i]);
  check(same, "the layout does not follow from the key");
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
  data.layout = std::move(layout);
  return std::move(data);
}

}  // namespace

std::vector<uint8_t> encode_proving_key(const ProvingKey& pk) {
  PostcardWriter out;
  out.varint(pk.vk.airs.size());
  for (size_t id = 0; id < pk.vk.airs.size(); ++id) {
    const AirPk& air = pk.airs[id];
    out.string(air.name);
    codec::write_air(out, pk.vk.airs[id]);
    out.boolean(air.preprocessed != nullptr);
    if (air.preprocessed) write_commitment(out, *air.preprocessed);
  }
  codec::write_height_constraints(out, pk.vk.height_constraints);
  out.varint(pk.vk.params.max_constraint_degree);
  codec::write_params(out, pk.vk.params);
  out.digest(pk.vk.pre_hash);
  return std::move(out).take();
}

ProvingKey decode_proving_key(std::span<const uint8_t> bytes) {
  PostcardReader in(bytes, "proving key");
  ProvingKey pk;
  std::vector<size_t> air_offsets;
  std::vector<Boxed<EncodedCommitment>> encoded;
  // The shortest entry has 14 bytes: an empty name, the shortest AIR key and no preprocessed data.
  const uint64_t airs = in.length(14, "AIRs");
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
    pk.airs[id].preprocessed = std::make_shared<const HostCommitment>(
        checked_commitment(in, std::move(*encoded[id]), pk.vk.params, pk.vk.airs[id]));
  }
  return pk;
}

}  // namespace openswirl
