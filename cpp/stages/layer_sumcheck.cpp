#include "stages/layer_sumcheck.h"

#include <algorithm>
#include <mutex>

#include "poly/eq.h"
#include "stages/kernels.h"

namespace openswirl::stages {
namespace {

// The low eq table stays in the first cache, and is never so short that calls of a kernel count.
constexpr size_t kLowVariables = 10, kShortestLow = 32;
constexpr std::array<Ext, 3> kNoSums = {Ext::zero(), Ext::zero(), Ext::zero()};

}  // namespace

LayerRounds::LayerRounds(const LayerClaims& claims, const Ext& lambda, const Ext& mu,
                         std::span<const Ext> bound)
    : point(1, mu),
      lambda(lambda),
      claim(claims.p0 + (claims.p1 - claims.p0) * mu + lambda * (claims.q0 + (claims.q1 - claims.q0) * mu)),
      prefix(Ext::one()) {
  point.insert(point.end(), bound.begin(), bound.end());
}

std::array<Ext, 3> LayerRounds::message(const std::array<Ext, 3>& sums, const Ext& padding) {
  // Over the padding h is the constant lambda c^2.
  const Ext at_one = sums[0] + lambda * padding.square() * (Ext::one() - sums[2]);
  const Ext& xi = point[bound.size()];
  const Ext at_zero = (claim - xi * at_one) * (Ext::one() - xi).inverse();
  poly = {at_zero, at_one, sums[1]};
  std::array<Ext, 3> message;
  for (uint32_t i = 0; i < 3; ++i) {
    const Ext x = Fp::from_u32(i + 1);
    message[i] = prefix * eq1(xi, x) * (at_zero + x * (at_one - at_zero - sums[1] + x * sums[1]));
  }
  return message;
}

void LayerRounds::bind(const Ext& challenge) {
  claim = poly[0] + challenge * (poly[1] - poly[0] - poly[2] + challenge * poly[2]);
  prefix *= eq1(point[bound.size()], challenge);
  bound.push_back(challenge);
}

LayerSumcheck::LayerSumcheck(const Context& context, LayerRounds rounds, FractionTable table)
    : context_(context), rounds_(std::move(rounds)), table_(std::move(table)) {
  split_eq();
}

void LayerSumcheck::split_eq() {
  const std::span<const Ext> point = rounds_.behind();
  const size_t low = std::min(point.size(), kLowVariables);
  eq_low_ = eq_table(point.first(low));
  eq_high_ = eq_table(point.subspan(low));
}

FractionTable LayerSumcheck::make_folded() {
  FractionTable folded(table_.log_size - 1, table_.stored / 2, table_.padding);
  if (spare_.p.size() < folded.stored) spare_.p = context_.buffer<Ext>(folded.stored, "LogUp tables");
  if (spare_.q.size() < folded.stored) spare_.q = context_.buffer<Ext>(folded.stored, "LogUp tables");
  folded.p = std::move(spare_.p);
  folded.q = std::move(spare_.q);
  return folded;
}

// Binds what lies behind the first `lines` lines of the folded table, which is the table from here on.
void LayerSumcheck::complete(FractionTable folded, const Ext& challenge, size_t lines) {
  context_.parallel_for(table_.stored / 4 - 2 * lines, kNodesPerRange, [&](size_t begin, size_t end) {
    kernels().fractions.bind(table_.p_data(), table_.p_words(), table_.q_data(), words(&challenge),
                             2 * lines + begin, 2 * lines + end, words(folded.p.data()),
                             words(folded.q.data()));
  });
  folded.pad(table_.stored / 2);
  spare_ = std::move(table_);
  table_ = std::move(folded);
}

// Lines [begin, end) of a round, by sums_of(eq of the first one, begin, end, sums) where one factor of eq
// stays the same.
template <class SumsOf>
void LayerSumcheck::add_sums(size_t first, size_t last, std::array<Ext, 3>& sums, SumsOf&& sums_of) const {
  std::mutex mutex;
  context_.parallel_for(last - first, kNodesPerRange, [&](size_t from, size_t to) {
    std::array<Ext, 3> local = kNoSums;
    for (size_t begin = first + from, next = begin, end = first + to; begin < end; begin = next) {
      const size_t offset = begin % eq_low_.size();
      next = std::min(end, begin - offset + eq_low_.size());
      std::array<Ext, 3> part = kNoSums;
      sums_of(words(eq_low_.data() + offset), begin, next, words(part.data()));
      for (size_t i = 0; i < 3; ++i) local[i] += part[i] * eq_high_[begin / eq_low_.size()];
    }
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < 3; ++i) sums[i] += local[i];
  });
}

std::array<Ext, 3> LayerSumcheck::next(const Ext* challenge) {
  const FractionKernels& kernels = stages::kernels().fractions;
  std::array<Ext, 3> sums = kNoSums;
  size_t summed = 0;
  if (challenge != nullptr) {
    rounds_.bind(*challenge);
    if (eq_low_.size() <= kShortestLow && eq_high_.size() > 1) {
      split_eq();
    } else {
      // The round's variable sums out.
      for (size_t y = 0; y < eq_low_.size() / 2; ++y) eq_low_[y] = eq_low_[2 * y] + eq_low_[2 * y + 1];
      eq_low_.resize(eq_low_.size() / 2);
    }
    FractionTable folded = make_folded();
    summed = table_.stored / 8;
    add_sums(0, summed, sums, [&](const uint32_t* eq, size_t begin, size_t end, uint32_t* part) {
      kernels.bind_and_sum(table_.p_data(), table_.p_words(), table_.q_data(), words(challenge), eq,
                           words(&rounds_.lambda), begin, end, words(folded.p.data()), words(folded.q.data()),
                           part);
    });
    complete(std::move(folded), *challenge, summed);
  }
  add_sums(summed, table_.stored / 4, sums,
           [&](const uint32_t* eq, size_t begin, size_t end, uint32_t* part) {
             kernels.round_sums(table_.p_data(), table_.p_words(), table_.q_data(), eq,
                                words(&rounds_.lambda), begin, end, part);
           });
  return rounds_.message(sums, table_.padding);
}

LayerClaims LayerSumcheck::leave(const Ext& challenge) {
  rounds_.bind(challenge);
  complete(make_folded(), challenge, 0);
  return table_.claims();
}

}  // namespace openswirl::stages
