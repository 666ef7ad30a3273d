#include "gpu/fraction_tree.h"

#include <algorithm>
#include <bit>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

constexpr uint64_t kFractionGroup = 128;  // of the kernels of metal/kernels/fractions.metal
constexpr uint32_t kLayersAtOnce = 8;     // from 2 kFractionGroup nodes to one
constexpr uint64_t kMaxSumGroups = 512;   // the host adds up what they leave

template <class T>
std::span<std::byte> first_bytes(Buffer<T>& buffer, uint64_t count) {
  return std::as_writable_bytes(std::span(buffer.data(), count));
}

}  // namespace

FractionTreeStage::FractionTreeStage(Work& work, const DeviceFractions& leaves, std::vector<Array> memory,
                                     uint64_t host_nodes)
    : work_(work), host_nodes_(std::max<uint64_t>(host_nodes, 4)) {
  layers_.push_back({leaves, std::make_shared<const std::vector<Array>>(std::move(memory))});
  // A host that is given no nodes still holds the two of layer 1.
  const auto host_layers = static_cast<uint32_t>(std::bit_width(std::max<uint64_t>(host_nodes, 2)) - 1);
  host_layers_ = std::min(host_layers, leaves.log_size);
  add_up(host_layers_);
  stages::FractionTable lowest = download(layers_.back().nodes);
  work_.wait();
  lowest.pad(layers_.back().nodes.stored);
  layers_.pop_back();
  host_.emplace(work_.context(), std::move(lowest));
}

void FractionTreeStage::add_up(uint32_t lowest_on_host) {
  while (layers_.back().nodes.log_size > lowest_on_host) {
    const DeviceFractions below = layers_.back().nodes;
    FractionsAddArgs args{};
    set_words(args.padding, below.padding);
    args.p_words = below.p_words;
    args.layers = std::min(below.log_size - lowest_on_host, kLayersAtOnce);
    args.stored[0] = u32_of(below.stored);
    uint64_t total = 0;
    for (uint32_t i = 1; i <= args.layers; ++i) {
      args.stored[i] = (args.stored[i - 1] + 1) / 2;
      total += args.stored[i];
    }
    std::vector<Array> memory;
    memory.push_back(work_.words(8 * total, "LogUp layers"));
    const Range words = memory.back().range();
    const auto shared = std::make_shared<const std::vector<Array>>(std::move(memory));
    work_.recorder().threads(calls::FractionsAdd{below.p, below.q, words, args}.call(), args.stored[1]);
    DeviceFractions layer = below;
    layer.p_words = 4;
    uint64_t start = 0;
    for (uint32_t i = 1; i <= args.layers; ++i) {
      const uint64_t bytes = 16 * uint64_t{args.stored[i]};
      --layer.log_size;
      layer.stored = args.stored[i];
      layer.padding = layer.padding.square();
      layer.p = words.part(start, bytes);
      layer.q = words.part(start + bytes, bytes);
      start += 2 * bytes;
      layers_.push_back({layer, shared});
    }
  }
}

stages::FractionTable FractionTreeStage::download(const DeviceFractions& nodes) {
  stages::FractionTable table(work_.context(), nodes.log_size, nodes.stored, nodes.padding,
                              nodes.p_words == 1);
  work_.recorder().download(nodes.p, nodes.p_words == 1 ? first_bytes(table.base_p, nodes.stored)
                                                        : first_bytes(table.p, nodes.stored));
  work_.recorder().download(nodes.q, first_bytes(table.q, nodes.stored));
  return table;
}

void FractionTreeStage::enter(const Ext& lambda, const Ext& mu) {
  if (layer_ < host_layers_) return host_->enter(lambda, mu);
  tail_.reset();
  rounds_.emplace(claims_, lambda, mu, bound_);
  eq_ = EqSuffixes(work_, rounds_->point);
  table_ = std::move(layers_.back());
  layers_.pop_back();
}

void FractionTreeStage::record_round(const Ext* challenge, const Range& sums) {
  const DeviceFractions& from = table_.nodes;
  const EqSuffixes::Split eq = eq_.from(rounds_->bound.size() + 1);
  FractionsRoundArgs args{};
  set_words(args.lambda, rounds_->lambda);
  set_words(args.padding, from.padding);
  args.p_words = from.p_words;
  args.stored = u32_of(from.stored);
  args.log_low = eq.log_low, args.eq_low = eq.low, args.eq_high = eq.high;
  const uint64_t groups = sums.bytes / 32;
  if (!challenge) {
    args.lines = u32_of((from.stored + 3) / 4);
    work_.recorder().groups(calls::FractionsRound{from.p, from.q, eq_.words(), sums, args}.call(), groups);
    return;
  }
  set_words(args.challenge, *challenge);
  DeviceFractions folded = from;
  folded.p_words = 4;
  --folded.log_size;
  folded.stored = 2 * ((from.stored + 3) / 4);
  args.lines = u32_of((folded.stored + 3) / 4);
  std::vector<Array> memory;
  memory.push_back(work_.words(8 * folded.stored, "LogUp tables"));
  folded.p = memory.back().words(0, 4 * folded.stored);
  folded.q = memory.back().words(4 * folded.stored, 4 * folded.stored);
  work_.recorder().groups(
      calls::FractionsFoldRound{from.p, from.q, eq_.words(), folded.p, folded.q, sums, args}.call(), groups);
  table_ = {folded, std::make_shared<const std::vector<Array>>(std::move(memory))};
}

std::array<Ext, 3> FractionTreeStage::next(const Ext* challenge) {
  if (tail_ || !rounds_) {
    work_.context().spans->note_host();
    return tail_ ? tail_->next(challenge) : host_->next(challenge);
  }
  if (challenge) rounds_->bind(*challenge);
  const uint64_t stored = table_.nodes.stored;
  const uint64_t lines = challenge ? (2 * ((stored + 3) / 4) + 3) / 4 : (stored + 3) / 4;
  std::vector<Ext> partial(2 * std::min((2 * lines + kFractionGroup - 1) / kFractionGroup, kMaxSumGroups));
  const Array sums = work_.words(4 * partial.size(), "round sums");
  record_round(challenge, sums.range());
  work_.recorder().download(sums.range(), std::as_writable_bytes(std::span(partial)));
  // Once the host may take over, its table comes along with the message.
  const bool last = on_host(table_.nodes.size());
  stages::FractionTable table;
  if (last) table = download(table_.nodes);
  work_.wait();
  std::array<Ext, 3> total = {Ext::zero(), Ext::zero(), eq_prefix_sum(rounds_->behind(), lines)};
  for (size_t i = 0; i < partial.size(); i += 2) {
    total[0] += partial[i];
    total[1] += partial[i + 1];
  }
  const std::array<Ext, 3> message = rounds_->message(total, table_.nodes.padding);
  if (last) {
    table.pad(table_.nodes.stored);
    tail_.emplace(work_.context(), std::move(*rounds_), std::move(table));
    table_ = {};
  }
  return message;
}

LayerClaims FractionTreeStage::leave(const Ext& challenge) {
  claims_ = tail_ ? tail_->leave(challenge) : host_->leave(challenge);
  bound_ = tail_ ? tail_->bound() : host_->bound();
  ++layer_;
  return claims_;
}

}  // namespace openswirl::gpu
