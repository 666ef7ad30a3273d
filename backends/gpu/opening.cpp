#include "gpu/opening.h"

#include <algorithm>

#include "gpu/elements.h"
#include "gpu/encode.h"
#include "poly/eq.h"
#include "poly/univariate.h"

namespace openswirl::gpu {
namespace {

// Of whir_batch_messages.
constexpr uint32_t kLogBatchBlock = 4;
constexpr uint64_t kBatchGroup = 256;
constexpr uint32_t kMaxEvaluateLog = 13;  // threads of an evaluation; each shifts its sum once

// How the bits of an index are split between two tables; the low one is never shorter than a quad.
struct SplitIndex {
  explicit SplitIndex(uint64_t size)
      : low(std::max<uint32_t>(2, (log2_of(size) + 1) / 2)),
        high(log2_of(std::max<uint64_t>(size, 4)) - low) {}
  uint32_t low, high;
};

// The last four lists of both tables: coefficients of z0^j, and gamma z0^(2^low j) times 1, x, x^2, x^3.
void upload_ood_lists(Work& work, const Ext& z0, const Ext& gamma, const SplitIndex& index, const Array& low,
                      const Array& high) {
  const std::vector<Ext> low_powers = powers(z0, size_t{1} << index.low);
  const std::vector<Ext> high_powers = powers(z0.pow_2exp(index.low), size_t{1} << index.high);
  std::vector<Fp> coefficients;
  std::vector<Ext> weights;
  for (size_t k = 0; k < 4; ++k) {
    Ext unit = Ext::zero();
    unit.c[k] = Fp::one();
    for (const Ext& power : low_powers) coefficients.push_back(power.c[k]);
    for (const Ext& power : high_powers) weights.push_back(power * gamma * unit);
  }
  const uint64_t low_words = coefficients.size(), high_words = 4 * weights.size();
  work.recorder().upload(std::as_bytes(std::span(coefficients)),
                         low.words(low.words() - low_words, low_words));
  work.recorder().upload(std::as_bytes(std::span(weights)),
                         high.words(high.words() - high_words, high_words));
}

// An even number of columns: the last one again, with weight zero.
template <class T, class Weight>
void make_even(std::vector<T>& items, std::vector<Weight>& weights) {
  if (items.size() % 2 == 0) return;
  items.push_back(items.back());
  weights.push_back(Weight::zero());
}

}  // namespace

OpeningStage::OpeningStage(Work& work, const DeviceInputs& inputs, std::span<const Ext> u, const Ext& mu,
                           uint64_t host_entries)
    : work_(work), inputs_(inputs), host_entries_(host_entries) {
  batch_columns(mu);
  start_moments(u);
}

OpeningStage::Table OpeningStage::table(uint64_t size, const char* what) {
  return {work_.words(4 * std::max<uint64_t>(size, 4), what), size};
}

Array OpeningStage::partials(uint64_t groups) { return work_.words(8 * groups, "WHIR sums"); }

uint32_t OpeningStage::log_domain() const {
  return static_cast<uint32_t>(inputs_.shape.params.log_stacked_height() + inputs_.shape.params.log_blowup) -
         round_;
}

bool OpeningStage::on_host() const {
  if (host_) work_.context().spans->note_host();
  return host_.has_value();
}

void OpeningStage::batch_columns(const Ext& mu) {
  const auto log_height = static_cast<uint32_t>(inputs_.shape.params.log_stacked_height());
  const uint64_t height = uint64_t{1} << log_height;
  std::vector<uint64_t> columns;
  std::vector<Use> uses;
  for (const DeviceCommitment& commitment : inputs_.commitments) {
    if (commitment.layout->width == 0) continue;
    uses.push_back({commitment.stacked, Access::kRead});
    for (uint64_t c = 0; c < commitment.layout->width; ++c) {
      columns.push_back(commitment.stacked.address() + 4 * (c << log_height));
    }
  }
  coefficients_ = table(height, "WHIR polynomial");
  if (columns.empty()) return work_.recorder().fill(coefficients_.words.range(), 0);
  std::vector<Ext> weights = powers(mu, columns.size());
  make_even(columns, weights);
  const Array addresses = work_.upload(std::span<const uint64_t>(columns), "column addresses");
  const Array factors = work_.upload(std::span<const Ext>(weights), "column weights");
  const auto l_skip = static_cast<uint32_t>(inputs_.shape.params.l_skip);
  const WhirBatchArgs args{u32_of(height), u32_of(columns.size()), Fp::one().div_2exp(l_skip).word()};
  if (l_skip == kLogBatchBlock && coefficients_.quads() % kBatchGroup == 0) {
    Call call = calls::WhirBatchMessages{addresses.range(), factors.range(), work_.tables().roots.range(),
                                         coefficients_.words.range(), args}
                    .call();
    call.uses = std::move(uses);
    return work_.recorder().threads(call, coefficients_.quads());
  }
  const Table values = table(height, "WHIR polynomial");
  Call call = calls::WhirBatch{addresses.range(), factors.range(), values.words.range(), args}.call();
  call.uses = std::move(uses);
  work_.recorder().threads(call, values.quads());
  if (height < 4) work_.recorder().fill(coefficients_.words.range(), 0);
  block_messages(work_, values.words.range(), values.pitch(), coefficients_.words.range(),
                 coefficients_.pitch(), 4, log_height, l_skip);
}

// The moments of the initial weight are an ordinary eq table of the cube point.
void OpeningStage::start_moments(std::span<const Ext> u) {
  const std::vector<Ext> cube = prism_to_cube(u, static_cast<uint32_t>(inputs_.shape.params.l_skip));
  const SplitIndex index(coefficients_.size);
  const size_t low_variables = std::min<size_t>(index.low, cube.size());
  std::vector<Ext> low = eq_table(std::span<const Ext>(cube).first(low_variables));
  low.resize(size_t{1} << index.low, Ext::zero());
  const std::vector<Ext> high = eq_table(std::span<const Ext>(cube).subspan(low_variables));
  const Array low_table = work_.upload(std::span<const Ext>(low), "WHIR weights");
  const Array high_table = work_.upload(std::span<const Ext>(high), "WHIR weights");
  moments_ = table(coefficients_.size, "WHIR moments");
  const uint64_t groups = reduce_groups(moments_.quads());
  sums_ = partials(groups);
  const WhirStartArgs args{moments_.quads(), index.low};
  work_.recorder().groups(calls::WhirStart{coefficients_.words.range(), low_table.range(), high_table.range(),
                                           moments_.words.range(), sums_.range(), args}
                              .call(),
                          groups);
}

void OpeningStage::bind(const Ext& alpha) {
  Table coefficients = table(coefficients_.size / 2, "WHIR polynomial");
  Table moments = table(moments_.size / 2, "WHIR moments");
  WhirRoundArgs args{};
  set_words(args.alpha, alpha);
  args.quads = coefficients_.quads();
  const uint64_t groups = reduce_groups(args.quads);
  sums_ = partials(groups);
  work_.recorder().groups(
      calls::WhirRound{coefficients_.words.range(), moments_.words.range(), coefficients.words.range(),
                       moments.words.range(), sums_.range(), args}
          .call(),
      groups);
  coefficients_ = std::move(coefficients);
  moments_ = std::move(moments);
}

stages::PlaneTable OpeningStage::download(const Table& table, const char* what) {
  stages::PlaneTable result(work_.context(), table.size, what);
  for (uint64_t k = 0; k < 4; ++k) {
    work_.recorder().download(
        table.words.words(k * table.pitch(), table.size),
        std::as_writable_bytes(std::span(result.data.data() + k * table.size, table.size)));
  }
  return result;
}

std::array<Ext, 2> OpeningStage::read_sums() {
  std::vector<Ext> values(sums_.words() / 4);
  work_.recorder().download(sums_.range(), std::as_writable_bytes(std::span(values)));
  if (coefficients_.size <= host_entries_) {
    stages::PlaneTable coefficients = download(coefficients_, "WHIR polynomial");
    stages::PlaneTable moments = download(moments_, "WHIR moments");
    work_.wait();
    host_.emplace(work_.context(), std::move(coefficients), std::move(moments));
    coefficients_ = {}, moments_ = {};
  } else {
    work_.wait();
  }
  sums_ = {};
  return {sum_of(values, 0), sum_of(values, 1)};
}

std::array<Ext, 2> OpeningStage::next(const Ext* challenge) {
  if (on_host()) {
    if (challenge) host_->bind(*challenge);
    return host_->sums();
  }
  if (challenge) bind(*challenge);
  return read_sums();
}

Digest OpeningStage::commit_folded(const Ext& challenge) {
  Table uploaded;
  const bool host = on_host();
  if (host) {
    host_->bind(challenge);
    const stages::PlaneTable& coefficients = host_->coefficients();
    uploaded = table(coefficients.size, "WHIR polynomial");
    for (uint64_t k = 0; k < 4; ++k) {
      work_.recorder().upload(
          std::as_bytes(coefficients.data.span().subspan(k * coefficients.size, coefficients.size)),
          uploaded.words.words(k * uploaded.pitch(), coefficients.size));
    }
  } else {
    bind(challenge);
  }
  const Table& messages = host ? uploaded : coefficients_;
  // The domain only halves, although k variables were folded.
  const uint32_t log_codeword = log_domain() - 1;
  const uint64_t rows = uint64_t{1} << log_codeword;
  next_codeword_.values = work_.words(4 * rows, "folded codeword");
  encode_columns(work_, messages.words.range(), messages.pitch(), 4, log2_of(messages.size), log_codeword,
                 next_codeword_.values.range());
  const size_t encoded = work_.recorder().mark();
  next_codeword_.tree = DeviceTree(work_, {next_codeword_.values.range(), rows, 4, 1, rows},
                                   uint64_t{1} << inputs_.shape.params.whir.k);
  const size_t hashed = work_.recorder().mark();
  Digest root;
  work_.recorder().download(next_codeword_.tree.layer(next_codeword_.tree.depth()),
                            std::as_writable_bytes(std::span(root)));
  const std::vector<double> marks = work_.wait();
  work_.context().spans->add("merkle_tree", marks[encoded], marks[hashed], true);
  return root;
}

Ext OpeningStage::evaluate(const Ext& z0) {
  if (on_host()) return host_->evaluate(z0);
  const uint32_t log_threads =
      std::clamp(log2_of(coefficients_.quads()), log2_of(kReduceGroup), kMaxEvaluateLog);
  WhirEvaluateArgs args{};
  set_words(args.point, z0);
  set_words(args.step, z0.pow_2exp(2 + log_threads));
  Ext power = z0.pow_2exp(2);
  for (uint32_t j = 0; j < log_threads; ++j, power = power.square()) {
    for (size_t k = 0; k < 4; ++k) args.squarings[4 * j + k] = power.c[k].word();
  }
  args.quads = coefficients_.quads(), args.log_threads = log_threads;
  const uint64_t groups = (uint64_t{1} << log_threads) / kReduceGroup;
  const Array values = partials(groups);
  work_.recorder().groups(calls::WhirEvaluate{coefficients_.words.range(), values.range(), args}.call(),
                          groups);
  std::vector<Ext> read(2 * groups);
  work_.recorder().download(values.range(), std::as_writable_bytes(std::span(read)));
  work_.wait();
  return sum_of(read, 0);
}

void OpeningStage::record_rows(std::span<const uint64_t> columns, std::span<const Use> uses,
                               const Array& indices, uint64_t queries, const Array& rows) {
  const auto k = static_cast<uint32_t>(inputs_.shape.params.whir.k);
  const Array addresses = work_.upload(columns, "column addresses");
  const WhirRowsArgs args{u32_of(columns.size()), k, uint32_t{1} << (log_domain() - k)};
  Call call = calls::WhirRows{addresses.range(), indices.range(), rows.range(), args}.call();
  call.uses.assign(uses.begin(), uses.end());
  work_.recorder().threads(call, columns.size(), uint32_t{1} << k, u32_of(queries));
}

void OpeningStage::record_paths(std::span<const uint64_t> trees, std::span<const Use> uses,
                                const Array& indices, uint64_t queries, uint32_t depth,
                                const Array& digests) {
  const Array addresses = work_.upload(trees, "tree addresses");
  Call call = calls::WhirPaths{addresses.range(), indices.range(), digests.range(), {depth}}.call();
  call.uses.assign(uses.begin(), uses.end());
  work_.recorder().threads(call, 2 * uint64_t{depth}, u32_of(queries), u32_of(trees.size()));
}

stages::OpenedQueries OpeningStage::open(std::span<const uint32_t> indices) {
  const uint64_t queries = indices.size(), rows_per_query = uint64_t{1} << inputs_.shape.params.whir.k;
  const uint32_t depth = log_domain() - static_cast<uint32_t>(inputs_.shape.params.whir.k);
  const uint64_t height = uint64_t{1} << log_domain();
  std::vector<uint64_t> columns, trees, widths;
  std::vector<Use> matrices, digests;
  const auto add = [&](const Range& codeword, uint64_t width, const DeviceTree& tree) {
    if (width > 0) matrices.push_back({codeword, Access::kRead});
    for (uint64_t c = 0; c < width; ++c) columns.push_back(codeword.address() + 4 * c * height);
    digests.push_back({tree.digests().range(), Access::kRead});
    trees.push_back(tree.digests().range().address());
    widths.push_back(width);
  };
  if (round_ > 0) {
    add(codeword_.values.range(), 4, codeword_.tree);
  } else {
    for (const DeviceCommitment& commitment : inputs_.commitments) {
      add(commitment.codeword, commitment.layout->width, *commitment.tree);
    }
  }

  std::vector<Fp> rows(queries * rows_per_query * columns.size());
  std::vector<Digest> paths(trees.size() * queries * depth);
  const Array index_words = work_.upload(indices, "query indices");
  const Array row_words = work_.words(rows.size(), "opened rows");
  const Array path_words = work_.words(8 * paths.size(), "opened paths");
  if (!rows.empty()) record_rows(columns, matrices, index_words, queries, row_words);
  if (!paths.empty()) record_paths(trees, digests, index_words, queries, depth, path_words);
  work_.recorder().download(row_words.range(), std::as_writable_bytes(std::span(rows)));
  work_.recorder().download(path_words.range(), std::as_writable_bytes(std::span(paths)));
  work_.wait();

  stages::OpenedQueries opened;
  const auto path_of = [&](size_t tree) {
    const auto begin = paths.begin() + static_cast<ptrdiff_t>(tree * queries * depth);
    return MerklePaths{queries, depth, {begin, begin + static_cast<ptrdiff_t>(queries * depth)}};
  };
  if (round_ > 0) {
    opened.codeword_values = {queries, rows_per_query, 1, {}};
    for (size_t i = 0; i < rows.size(); i += 4) {
      opened.codeword_values.values.push_back({rows[i], rows[i + 1], rows[i + 2], rows[i + 3]});
    }
    opened.codeword_paths = path_of(0);
    return opened;
  }
  for (size_t j = 0, first = 0; j < widths.size(); first += widths[j++]) {
    OpenedRows<Fp>& of_commitment = opened.initial_rows.emplace_back();
    of_commitment = {queries, rows_per_query, widths[j], {}};
    for (size_t row = 0; row < queries * rows_per_query; ++row) {
      const auto begin = rows.begin() + static_cast<ptrdiff_t>(row * columns.size() + first);
      of_commitment.values.insert(of_commitment.values.end(), begin,
                                  begin + static_cast<ptrdiff_t>(widths[j]));
    }
    opened.initial_paths.push_back(path_of(j));
  }
  return opened;
}

// M[T] += gamma z0^T + sum_l gamma^(l+1) z_l^T, with T = low + 2^a high: a product of two small matrices.
void OpeningStage::update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) {
  const uint32_t log_points = log_domain() - static_cast<uint32_t>(inputs_.shape.params.whir.k);
  if (on_host()) {
    host_->update(two_adic_generator(log_points), z0, indices, gamma);
  } else {
    const SplitIndex index(moments_.size);
    const uint64_t queries = indices.size(), lists = queries + 4;
    const Array low = work_.words(lists << index.low, "WHIR weights");
    const Array high = work_.words(4 * lists << index.high, "WHIR weights");
    if (queries > 0) {
      std::vector<Ext> weights = powers(gamma, queries + 2);
      weights.erase(weights.begin(), weights.begin() + 2);
      const Array points = work_.upload(indices, "query indices");
      const Array factors = work_.upload(std::span<const Ext>(weights), "query weights");
      const WhirPowersArgs args{index.low, index.high, Fp::kTwoAdicity - log_points};
      work_.recorder().threads(
          calls::WhirPowers{points.range(), factors.range(), work_.tables().powers.range(),
                            low.words(0, queries << index.low), high.words(0, 4 * queries << index.high),
                            args}
              .call(),
          uint64_t{1} << std::max(index.low, index.high), u32_of(queries));
    }
    upload_ood_lists(work_, z0, gamma, index, low, high);
    const uint64_t groups = (moments_.quads() + kReduceGroup - 1) / kReduceGroup;
    sums_ = partials(groups);
    const WhirUpdateArgs args{u32_of(lists), moments_.quads(), index.low, index.high};
    work_.recorder().groups(calls::WhirUpdate{coefficients_.words.range(), moments_.words.range(),
                                              low.range(), high.range(), sums_.range(), args}
                                .call(),
                            groups);
  }
  codeword_ = std::move(next_codeword_);
  next_codeword_ = {};
  ++round_;
}

std::vector<Ext> OpeningStage::tail(const Ext& challenge) {
  if (!on_host()) {
    bind(challenge);
    sums_ = {};
    stages::PlaneTable coefficients = download(coefficients_, "WHIR polynomial");
    work_.wait();
    host_.emplace(work_.context(), std::move(coefficients), stages::PlaneTable());
  } else {
    host_->bind(challenge);
  }
  std::vector<Ext> polynomial;
  for (size_t i = 0; i < host_->coefficients().size; ++i) polynomial.push_back(host_->coefficients().at(i));
  return polynomial;
}

}  // namespace openswirl::gpu
