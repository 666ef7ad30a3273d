// Stage 4 (protocol part 05): the stacked opening reduction.
#include "coset.h"
#include "poly/eq.h"
#include "session_state.h"

namespace openswirl::reference {
namespace {

// What all columns of one trace height share (part 05, 3 and 4.1).
struct HeightClass {
  int32_t n;
  uint32_t lifted_n;
  uint32_t log_domain;              // l_skip, or l_skip + n for short traces
  Ext z, next_z;                    // the first coordinate of r in that domain, and omega times it
  std::vector<Ext> eq;              // eq(x, r_1 .. r_n)
  std::vector<Ext> next;            // eq_(x-1) - eq_x
  std::vector<Ext> plain, rotated;  // E and K of part 05, 4.2, once u_0 is bound
};

struct Column {
  size_t height_class;
  size_t stacked_column;  // over all commitments
  uint64_t start_row;
  Ext plain_weight, rotated_weight;  // lambda^(2i), lambda^(2i+1); the latter 0 without rotation
  Ext bound;                         // eq factors of the bound variables beyond the trace's own
};

// The factors in Z of the two weights: plain = a eq_x, rotated = b eq_x + c (eq_(x-1) - eq_x).
struct DomainFactors {
  Ext a, b, c;
};

class Reduction final : public StackedSum {
 public:
  Reduction(const SessionState& state, std::span<const Ext> r, const Ext& lambda)
      : state_(state), charge_(state.context, stacking_bytes(state.shape), "stacked reduction") {
    Ext power = Ext::one();
    for (size_t c = 0; c < state.shape.commitments.size(); ++c) {
      const CommitmentShape& commitment = state.shape.commitments[c];
      const HostCommitment& data = state.commitments[c]->data();
      for (const StackedSlice& slice : commitment.layout.slices) {
        const Ext odd = power * lambda;
        columns_.push_back({height_class(slice.log_height, r), stacked_.size() + slice.stacked_column,
                            slice.start_row, power, commitment.need_rot[slice.matrix] ? odd : Ext::zero(),
                            Ext::one()});
        power = odd * lambda;
      }
      for (size_t k = 0; k < commitment.layout.width; ++k) {
        stacked_.push_back(std::span(data.stacked).subspan(k * data.stacked_height, data.stacked_height));
      }
    }
  }

  Result<std::vector<Ext>> first_round() override {
    return guard([&] {
      const Coset coset(state_.l_skip() + 1);
      const std::vector<Fp> points = coset.points();
      std::vector<Ext> values(coset.size(), Ext::zero());
      for (size_t h = 0; h < classes_.size(); ++h) {
        std::vector<DomainFactors> factors;
        for (const Fp point : points) factors.push_back(domain_factors(classes_[h], Ext(point)));
        for (size_t x = 0; x < classes_[h].eq.size(); ++x) {
          std::vector<Ext> plain, rotated;
          for (const DomainFactors& f : factors) {
            plain.push_back(plain_table_entry(classes_[h], f, x));
            rotated.push_back(rotated_table_entry(classes_[h], f, x));
          }
          for (const Column& column : columns_) {
            if (column.height_class != h) continue;
            state_.poll();
            const std::vector<Fp> q =
                coset.extend(block(column.stacked_column, column.start_row, x), state_.l_skip());
            for (size_t i = 0; i < q.size(); ++i) {
              values[i] += (column.plain_weight * plain[i] + column.rotated_weight * rotated[i]) * q[i];
            }
          }
        }
      }
      return coset.coefficients(std::move(values), 2 * ((size_t{1} << state_.l_skip()) - 1) + 1);
    });
  }

  Result<std::array<Ext, 2>> next(const Ext& challenge) override {
    return guard([&] {
      bind(challenge);
      return std::array<Ext, 2>{round_at(Fp::one()), round_at(Fp::two())};
    });
  }

  Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) override {
    return guard([&] {
      bind(challenge);
      std::vector<std::vector<Ext>> openings;
      size_t column = 0;
      for (const CommitmentShape& commitment : state_.shape.commitments) {
        std::vector<Ext>& of_commitment = openings.emplace_back();
        for (size_t k = 0; k < commitment.layout.width; ++k) of_commitment.push_back(folded_[column++][0]);
      }
      return openings;
    });
  }

 private:
  size_t height_class(uint32_t log_height, std::span<const Ext> r) {
    const int32_t n = static_cast<int32_t>(log_height) - static_cast<int32_t>(state_.l_skip());
    for (size_t h = 0; h < classes_.size(); ++h) {
      if (classes_[h].n == n) return h;
    }
    const TracePoint point = trace_point(state_.l_skip(), n, r);
    HeightClass& added = classes_.emplace_back();
    added.n = n;
    added.lifted_n = static_cast<uint32_t>(point.cube.size());
    added.log_domain = point.log_domain;
    added.z = point.z;
    added.next_z = point.z * two_adic_generator(point.log_domain);
    added.eq = eq_table(point.cube);
    const size_t size = added.eq.size();
    for (size_t x = 0; x < size; ++x) added.next.push_back(added.eq[(x + size - 1) % size] - added.eq[x]);
    return classes_.size() - 1;
  }

  DomainFactors domain_factors(const HeightClass& h, const Ext& z) const {
    const Ext indicator = strided_indicator(state_.l_skip(), h.n, z);
    return {indicator * eq_domain(h.log_domain, z, h.z), indicator * eq_domain(h.log_domain, z, h.next_z),
            indicator * eq_domain_at_one(h.log_domain, z) * eq_domain_at_one(h.log_domain, h.next_z)};
  }
  static Ext plain_table_entry(const HeightClass& h, const DomainFactors& f, size_t x) {
    return f.a * h.eq[x];
  }
  static Ext rotated_table_entry(const HeightClass& h, const DomainFactors& f, size_t x) {
    return f.b * h.eq[x] + f.c * h.next[x];
  }

  // The cells of block x of a slice.
  std::vector<Fp> block(size_t stacked_column, uint64_t start_row, size_t x) const {
    const size_t size = size_t{1} << state_.l_skip();
    const auto cells = stacked_[stacked_column].subspan(start_row + x * size, size);
    return {cells.begin(), cells.end()};
  }

  void bind(const Ext& challenge) {
    const uint32_t j = bound_++;  // the index of this challenge
    if (j == 0) {
      bind_domain(challenge);
      return;
    }
    for (std::vector<Ext>& table : folded_) {
      state_.poll();
      fold_lowest(table, challenge);
    }
    for (HeightClass& h : classes_) {
      if (h.lifted_n < j) continue;
      fold_lowest(h.plain, challenge);
      fold_lowest(h.rotated, challenge);
    }
    for (Column& column : columns_) {
      if (classes_[column.height_class].lifted_n < j)
        column.bound *= eq1(challenge, Ext(start_bit(column, j)));
    }
  }

  // Z = u_0: the stacked columns and the tables become multilinear.
  void bind_domain(const Ext& u_0) {
    std::vector<Ext> weights;
    for (const Fp point : powers(two_adic_generator(state_.l_skip()), size_t{1} << state_.l_skip())) {
      weights.push_back(eq_domain(state_.l_skip(), u_0, Ext(point)));
    }
    for (const std::span<const Fp> column : stacked_) {
      state_.poll();
      std::vector<Ext>& table = folded_.emplace_back();
      for (size_t start = 0; start < column.size(); start += weights.size()) {
        Ext value = Ext::zero();
        for (size_t i = 0; i < weights.size(); ++i) value += weights[i] * column[start + i];
        table.push_back(value);
      }
    }
    for (HeightClass& h : classes_) {
      const DomainFactors factors = domain_factors(h, u_0);
      for (size_t x = 0; x < h.eq.size(); ++x) {
        h.plain.push_back(plain_table_entry(h, factors, x));
        h.rotated.push_back(rotated_table_entry(h, factors, x));
      }
    }
  }

  // The bit of the start row that variable j >= 1 meets beyond the trace's own variables.
  Fp start_bit(const Column& column, uint32_t j) const {
    return Fp::from_u64((column.start_row >> (state_.l_skip() + j - 1)) & 1);
  }

  // s_j at x, j the round after the bound challenges (part 05, 4.2).
  Ext round_at(Fp x) const {
    const uint32_t j = bound_;
    const auto at = [x](const std::vector<Ext>& table, size_t y) {
      return table[2 * y] + (table[2 * y + 1] - table[2 * y]) * x;
    };
    Ext sum = Ext::zero();
    for (const Column& column : columns_) {
      state_.poll();
      const HeightClass& h = classes_[column.height_class];
      const std::vector<Ext>& q = folded_[column.stacked_column];
      const uint64_t first_pair = column.start_row >> (state_.l_skip() + j);
      if (j > h.lifted_n) {
        sum += at(q, first_pair) * column.bound * eq1(Ext(x), Ext(start_bit(column, j))) *
               (column.plain_weight * h.plain[0] + column.rotated_weight * h.rotated[0]);
        continue;
      }
      for (size_t y = 0; y < h.plain.size() / 2; ++y) {
        sum += at(q, first_pair + y) *
               (column.plain_weight * at(h.plain, y) + column.rotated_weight * at(h.rotated, y));
      }
    }
    return sum;
  }

  const SessionState& state_;
  Charge charge_;
  std::vector<HeightClass> classes_;
  std::vector<Column> columns_;               // numbered as in part 05, 2
  std::vector<std::span<const Fp>> stacked_;  // stacked columns, commitment after commitment
  std::vector<std::vector<Ext>> folded_;      // the same at u_0, u_1, ...
  uint32_t bound_ = 0;
};

}  // namespace

std::unique_ptr<StackedSum> make_stacked_sum(const SessionState& state, std::span<const Ext> r,
                                             const Ext& lambda) {
  return std::make_unique<Reduction>(state, r, lambda);
}

}  // namespace openswirl::reference
