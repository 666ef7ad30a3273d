// Stage 3 (protocol part 04, 5 and 6): the batched zerocheck and LogUp input sumcheck.
#include <algorithm>
#include <bit>

#include "constraints/batching.h"
#include "constraints/evaluator.h"
#include "coset.h"
#include "poly/eq.h"
#include "session_state.h"

namespace openswirl::reference {
namespace {

// All columns of a trace, each as a V: values of one block on a coset, or a folded table.
// Columns are numbered part after part in opening order.
template <class V>
struct Columns {
  std::vector<V> plain, rotated;  // rotated is empty where the AIR has no rotation
  V first, last, transition;
};

// The DAG's leaves, each got from its column by `read`.
template <class V, class Column, class Read>
struct ColumnLeaves {
  const Trace& trace;
  const std::vector<size_t>& part_starts;
  const Columns<Column>& columns;
  Read read;

  V variable(const Variable& variable) const {
    if (variable.entry == Variable::Entry::kPublic) return trace.public_values[variable.index];
    const size_t column = part_starts[trace.part_of(variable)] + variable.index;
    return read(variable.offset == 0 ? columns.plain[column] : columns.rotated[column]);
  }
  V is_first_row() const { return read(columns.first); }
  V is_last_row() const { return read(columns.last); }
  V is_transition() const { return read(columns.transition); }
  V constant(Fp value) const { return value; }
};

// One trace within the sum.
struct Summand {
  const Trace* trace;
  std::vector<size_t> part_starts;  // number of the first column of every part
  std::vector<Ext> lambda_powers, beta_powers, interaction_weights;
  Ext mu_numerator, mu_denominator, mu_zerocheck;      // part 04, 5.4; set with mu
  std::vector<Ext> zerocheck, numerator, denominator;  // s'_zc, s'_p, s'_q: coefficients
  Columns<std::vector<Ext>> folded;
};

// C, Nu and De of part 04, 5.1, the numerator normalised.
struct RowValues {
  Ext zerocheck, numerator, denominator;
};

template <class V>
RowValues combine(const Summand& summand, std::span<const V> nodes) {
  const ConstraintDag& dag = summand.trace->air->constraints;
  const auto sums = combine_interactions<Ext>(dag, nodes, std::span<const Ext>(summand.beta_powers),
                                              std::span<const Ext>(summand.interaction_weights));
  return {combine_constraints<Ext>(dag, nodes, std::span<const Ext>(summand.lambda_powers)),
          sums.numerator * summand.trace->norm(), sums.denominator};
}

// Calls visit(part, column) for every column, part after part.
template <class Visit>
void for_each_column(const Trace& trace, Visit visit) {
  for (size_t part = 0; part < trace.parts.size(); ++part) {
    for (size_t c = 0; c < trace.parts[part].columns.size(); ++c) visit(part, c);
  }
}

std::vector<Ext> multiply(std::span<const Ext> a, std::span<const Ext> b) {
  std::vector<Ext> product(a.size() + b.size() - 1, Ext::zero());
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
  }
  return product;
}

void add_scaled(std::vector<Ext>& sum, const std::vector<Ext>& polynomial, const Ext& scale) {
  for (size_t i = 0; i < polynomial.size(); ++i) sum[i] += polynomial[i] * scale;
}

class Sum final : public ConstraintSum {
 public:
  Sum(const SessionState& state, const ConstraintChallenges& challenges)
      : state_(state),
        charge_(state.context, constraints_bytes(state.vk(), state.shape), "constraint sumcheck"),
        xi_(challenges.xi),
        domain_(powers(two_adic_generator(state.l_skip()), size_t{1} << state.l_skip())) {
    // eq# of part 03, 3.3: the polynomial whose values on D are the eq table of xi_0 .. xi_(l_skip - 1).
    eq_sharp_ = eq_table(std::span<const Ext>(xi_).first(state.l_skip()));
    inverse_dft(std::span(eq_sharp_), state.l_skip());

    std::vector<std::vector<Ext>> weights = interaction_weights(state.vk(), state.shape, xi_);
    for (size_t t = 0; t < state.traces.size(); ++t) {
      Summand& summand = summands_.emplace_back();
      summand.trace = &state.traces[t];
      const ConstraintDag& dag = summand.trace->air->constraints;
      summand.lambda_powers = powers(challenges.lambda, dag.constraint_idx.size());
      summand.beta_powers = powers(challenges.beta, max_message_length(dag) + 1);
      summand.interaction_weights = std::move(weights[t]);
      size_t columns = 0;
      for (const Trace::Part& part : summand.trace->parts) {
        summand.part_starts.push_back(columns);
        columns += part.columns.size();
      }
      evaluate_round_0(summand);
    }
  }

  Result<std::vector<SumClaim>> sum_claims() override {
    return guard([&] {
      std::vector<SumClaim> claims;
      for (const Summand& summand : summands_) {
        claims.push_back({sum_over_domain(multiply(eq_sharp_, summand.numerator), state_.l_skip()),
                          sum_over_domain(multiply(eq_sharp_, summand.denominator), state_.l_skip())});
      }
      return claims;
    });
  }

  Result<std::vector<Ext>> first_round(const Ext& mu) override {
    return guard([&] {
      const size_t traces = summands_.size(), degree = state_.shape.params.max_constraint_degree;
      const std::vector<Ext> mu_powers = powers(mu, 3 * traces);
      std::vector<Ext> zerocheck(degree * (domain_.size() - 1) + 1, Ext::zero()), logup = zerocheck;
      for (size_t t = 0; t < traces; ++t) {
        Summand& summand = summands_[t];
        summand.mu_numerator = mu_powers[2 * t];
        summand.mu_denominator = mu_powers[2 * t + 1];
        summand.mu_zerocheck = mu_powers[2 * traces + t];
        add_scaled(logup, summand.numerator, summand.mu_numerator);
        add_scaled(logup, summand.denominator, summand.mu_denominator);
        add_scaled(zerocheck, summand.zerocheck, summand.mu_zerocheck);
      }
      std::vector<Ext> s_0 = multiply(eq_sharp_, logup);
      add_scaled(s_0, multiply(eq_domain_coefficients(state_.l_skip(), xi_[0]), zerocheck), Ext::one());
      return s_0;
    });
  }

  Status fold(const Ext& r_0) override {
    return guard([&] { bind(r_0); });
  }

  Result<std::vector<Ext>> next(const Ext* challenge) override {
    return guard([&] {
      if (challenge) bind(*challenge);
      const uint32_t j = static_cast<uint32_t>(r_.size());  // the round to evaluate
      const Ext& xi_j = xi_[state_.l_skip() + j - 1];
      std::vector<Ext> s(state_.shape.params.max_constraint_degree + 1);
      for (size_t x = 1; x <= s.size(); ++x) {
        const Fp at = Fp::from_u64(x);
        s[x - 1] = eq1(xi_j, Ext(at)) * head(j, at) + tail_ * at;
      }
      return s;
    });
  }

  Result<std::vector<PartOpenings>> finish(const Ext* challenge) override {
    return guard([&] {
      if (challenge) bind(*challenge);
      std::vector<PartOpenings> openings;
      for (const Summand& summand : summands_) {
        PartOpenings& parts = openings.emplace_back(summand.trace->parts.size());
        for_each_column(*summand.trace, [&](size_t part, size_t c) {
          const size_t column = summand.part_starts[part] + c;
          parts[part].push_back(summand.folded.plain[column][0]);
          if (summand.trace->air->need_rot) parts[part].push_back(summand.folded.rotated[column][0]);
        });
      }
      return openings;
    });
  }

 private:
  // The lifted rows of block x: of a column, of the rotated column, of a selector.
  std::vector<Fp> block(const Trace& trace, size_t part, size_t column, uint64_t x, uint64_t offset) const {
    std::vector<Fp> cells(domain_.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i] = trace.cell(part, column, (x * cells.size() + i + offset) % trace.height());
    }
    return cells;
  }
  std::vector<Fp> indicator_block(const Trace& trace, uint64_t row, uint64_t x) const {
    std::vector<Fp> cells(domain_.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i] = (x * cells.size() + i) % trace.height() == row ? Fp::one() : Fp::zero();
    }
    return cells;
  }

  // s'_zc, s'_p and s'_q (part 04, 5.2): block after block, every column on a coset large enough for the
  // degree.
  void evaluate_round_0(Summand& summand) const {
    const Trace& trace = *summand.trace;
    const ConstraintDag& dag = trace.air->constraints;
    const size_t coefficients = trace.air->max_constraint_degree * (domain_.size() - 1) + 1;
    const Coset coset(static_cast<uint32_t>(std::bit_width(std::max(coefficients, domain_.size()) - 1)));
    std::vector<Ext> zerocheck(coset.size(), Ext::zero()), numerator = zerocheck, denominator = zerocheck;

    const std::vector<Ext> eq =
        eq_table(std::span<const Ext>(xi_).subspan(state_.l_skip(), trace.shape.lifted_n));
    std::vector<Fp> nodes(dag.nodes.size());
    Columns<std::vector<Fp>> columns;
    for (uint64_t x = 0; x < eq.size(); ++x) {
      columns.plain.clear(), columns.rotated.clear();
      for_each_column(trace, [&](size_t part, size_t c) {
        columns.plain.push_back(coset.extend(block(trace, part, c, x, 0), state_.l_skip()));
        if (!trace.air->need_rot) return;
        columns.rotated.push_back(coset.extend(block(trace, part, c, x, 1), state_.l_skip()));
      });
      columns.first = coset.extend(indicator_block(trace, 0, x), state_.l_skip());
      columns.last = coset.extend(indicator_block(trace, trace.height() - 1, x), state_.l_skip());
      columns.transition = columns.last;
      for (Fp& value : columns.transition) value = Fp::one() - value;

      for (size_t z = 0; z < coset.size(); ++z) {
        state_.poll();
        const auto read = [z](const std::vector<Fp>& column) { return column[z]; };
        evaluate_dag(
            dag, ColumnLeaves<Fp, std::vector<Fp>, decltype(read)>{trace, summand.part_starts, columns, read},
            std::span(nodes));
        const RowValues row = combine(summand, std::span<const Fp>(nodes));
        zerocheck[z] += eq[x] * row.zerocheck;
        numerator[z] += eq[x] * row.numerator;
        denominator[z] += eq[x] * row.denominator;
      }
    }
    summand.zerocheck = coset.coefficients(std::move(zerocheck), coefficients);
    summand.numerator = coset.coefficients(std::move(numerator), coefficients);
    summand.denominator = coset.coefficients(std::move(denominator), coefficients);
  }

  // Binds r_0, then r_1, ...; afterwards the E factors and the tail are those of the next round (part
  // 04, 6.2).
  void bind(const Ext& challenge) {
    const size_t j = r_.size();  // the index of this challenge
    r_.push_back(challenge);
    if (j == 0) {
      fold_domain(challenge);
      e_zerocheck_ = eq_domain(state_.l_skip(), xi_[0], challenge);
      e_logup_ = horner(std::span<const Ext>(eq_sharp_), challenge);
    } else {
      for (Summand& summand : summands_) {
        if (summand.trace->shape.lifted_n < j) continue;
        for_each_table(summand.folded, [&](std::vector<Ext>& table) { fold_lowest(table, challenge); });
        state_.poll();
      }
      const Ext eq = eq1(xi_[state_.l_skip() + j - 1], challenge);
      e_zerocheck_ *= eq;
      e_logup_ *= eq;
    }
    // A trace whose last variable has just been bound moves from the head to the tail.
    tail_ *= challenge;
    for (const Summand& summand : summands_) {
      if (summand.trace->shape.lifted_n == j) tail_ += summand_at(summand, 0, Fp::zero());
    }
  }

  // Every column at Z = r_0 (part 04, 5.5).
  void fold_domain(const Ext& r_0) {
    const Span span(*state_.context.spans, "fold_ple");
    std::vector<Ext> weights;
    for (const Fp point : domain_) weights.push_back(eq_domain(state_.l_skip(), r_0, Ext(point)));
    const auto at_r_0 = [&](const std::vector<Fp>& cells) {
      Ext value = Ext::zero();
      for (size_t i = 0; i < cells.size(); ++i) value += weights[i] * cells[i];
      return value;
    };
    for (Summand& summand : summands_) {
      const Trace& trace = *summand.trace;
      const uint64_t blocks = uint64_t{1} << trace.shape.lifted_n;
      for_each_column(trace, [&](size_t part, size_t c) {
        state_.poll();
        std::vector<Ext>& plain = summand.folded.plain.emplace_back();
        for (uint64_t x = 0; x < blocks; ++x) plain.push_back(at_r_0(block(trace, part, c, x, 0)));
        if (!trace.air->need_rot) return;
        std::vector<Ext>& rotated = summand.folded.rotated.emplace_back();
        for (uint64_t x = 0; x < blocks; ++x) rotated.push_back(at_r_0(block(trace, part, c, x, 1)));
      });
      for (uint64_t x = 0; x < blocks; ++x) {
        summand.folded.first.push_back(at_r_0(indicator_block(trace, 0, x)));
        summand.folded.last.push_back(at_r_0(indicator_block(trace, trace.height() - 1, x)));
        summand.folded.transition.push_back(Ext::one() - summand.folded.last.back());
      }
    }
  }

  template <class Visit>
  static void for_each_table(Columns<std::vector<Ext>>& columns, Visit visit) {
    for (std::vector<Ext>& table : columns.plain) visit(table);
    for (std::vector<Ext>& table : columns.rotated) visit(table);
    visit(columns.first), visit(columns.last), visit(columns.transition);
  }

  // h_j at x: the traces that still have variables.
  Ext head(uint32_t j, Fp x) const {
    Ext sum = Ext::zero();
    for (const Summand& summand : summands_) {
      const uint32_t n = summand.trace->shape.lifted_n;
      if (n < j) continue;
      const std::vector<Ext> eq = eq_table(std::span<const Ext>(xi_).subspan(state_.l_skip() + j, n - j));
      for (size_t y = 0; y < eq.size(); ++y) sum += eq[y] * summand_at(summand, y, x);
    }
    return sum;
  }

  // E_zc mu C + E_lu (mu nu Nu + mu De) at (x, y) of the folded columns.
  Ext summand_at(const Summand& summand, size_t y, Fp x) const {
    state_.poll();
    const auto read = [y, x](const std::vector<Ext>& table) {
      return table.size() == 1 ? table[0] : table[2 * y] + (table[2 * y + 1] - table[2 * y]) * x;
    };
    const ConstraintDag& dag = summand.trace->air->constraints;
    std::vector<Ext> nodes(dag.nodes.size());
    evaluate_dag(dag,
                 ColumnLeaves<Ext, std::vector<Ext>, decltype(read)>{*summand.trace, summand.part_starts,
                                                                     summand.folded, read},
                 std::span(nodes));
    const RowValues row = combine(summand, std::span<const Ext>(nodes));
    return e_zerocheck_ * summand.mu_zerocheck * row.zerocheck +
           e_logup_ * (summand.mu_numerator * row.numerator + summand.mu_denominator * row.denominator);
  }

  const SessionState& state_;
  Charge charge_;
  std::vector<Ext> xi_;
  std::vector<Fp> domain_;     // D
  std::vector<Ext> eq_sharp_;  // coefficients
  std::vector<Summand> summands_;
  std::vector<Ext> r_;
  Ext e_zerocheck_ = Ext::zero(), e_logup_ = Ext::zero();
  Ext tail_ = Ext::zero();
};

}  // namespace

std::unique_ptr<ConstraintSum> make_constraint_sum(const SessionState& state,
                                                   const ConstraintChallenges& challenges) {
  return std::make_unique<Sum>(state, challenges);
}

}  // namespace openswirl::reference
