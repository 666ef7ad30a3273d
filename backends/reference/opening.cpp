// Stage 5 (protocol part 06, 7): WHIR, in evaluation form.
#include <bit>

#include "poly/eq.h"
#include "session_state.h"

namespace openswirl::reference {
namespace {

// A committed folded codeword.
struct Codeword {
  std::vector<Ext> values;
  std::vector<std::vector<Digest>> digest_layers;
};

class Whir final : public Opening {
 public:
  Whir(const SessionState& state, std::span<const Ext> u, const Ext& mu)
      : state_(state), charge_(state.context, opening_bytes(state.shape), "WHIR") {
    // Converting to messages is linear, so the columns are batched first (part 06, 1: one power sequence of
    // mu).
    polynomial_.assign(size_t{1} << state.shape.params.log_stacked_height(), Ext::zero());
    Ext power = Ext::one();
    for (const auto& commitment : state.commitments) {
      const HostCommitment& data = commitment->data();
      for (uint64_t k = 0; k < data.stacked_width; ++k, power *= mu) {
        const Fp* column = data.stacked.data() + k * data.stacked_height;
        state_.poll();
        for (uint64_t row = 0; row < data.stacked_height; ++row) polynomial_[row] += power * column[row];
      }
    }
    evaluations_to_message(std::span(polynomial_), state.l_skip());
    coefficients_to_evaluations(polynomial_);

    // The Moebius-adjusted weight of part 06, 3.5.
    const std::vector<Ext> u_cube = prism_to_cube(u, state.l_skip());
    weight_ = product_table<Ext>(
        u_cube.size(), [&](size_t t) { return Ext::one() - u_cube[t] - u_cube[t]; },
        [&](size_t t) { return u_cube[t]; });
  }

  Result<std::array<Ext, 2>> next(const Ext* challenge) override {
    return guard([&] {
      if (challenge) bind(*challenge);
      std::array<Ext, 2> s{Ext::zero(), Ext::zero()};
      for (size_t y = 0; y < polynomial_.size() / 2; ++y) {
        if (y % 4096 == 0) state_.poll();
        for (uint32_t x = 1; x <= 2; ++x) s[x - 1] += at(polynomial_, y, x) * at(weight_, y, x);
      }
      return s;
    });
  }

  Result<Digest> commit_folded(const Ext& challenge) override {
    return guard([&] {
      bind(challenge);
      coefficients_ = coefficients();
      // The domain only halves, although k variables were folded.
      next_codeword_.values = encode(coefficients_, log_domain() - 1, state_.context);
      const Span span(*state_.context.spans, "merkle_tree");
      std::vector<Digest> rows;
      for (const Ext& value : next_codeword_.values) {
        if (rows.size() % 1024 == 0) state_.poll();
        rows.push_back(hash_ext_slice({&value, 1}));
      }
      next_codeword_.digest_layers = merkle_layers(rows, state_.shape.params.whir.k, state_.context);
      return next_codeword_.digest_layers.back().front();
    });
  }

  Result<Ext> evaluate(const Ext& z0) override {
    return guard([&] { return horner(std::span<const Ext>(coefficients_), z0); });
  }

  Result<QueryOpenings> open(std::span<const uint32_t> indices) override {
    return guard([&] {
      QueryOpenings openings;
      if (round_ > 0) {
        openings.codeword_values =
            open_rows<Ext>(indices, 1, [&](uint64_t row, uint64_t) { return codeword_.values[row]; });
        openings.codeword_paths = open_paths(indices, codeword_.digest_layers);
        return openings;
      }
      for (const auto& commitment : state_.commitments) {
        const HostCommitment& data = commitment->data();
        openings.initial_rows.push_back(
            open_rows<Fp>(indices, data.stacked_width, [&](uint64_t row, uint64_t column) {
              return data.codeword[column * data.codeword_height + row];
            }));
        openings.initial_paths.push_back(open_paths(indices, data.digest_layers));
      }
      return openings;
    });
  }

  // w += gamma eq(pow(z0), .) + sum_l gamma^(l+1) eq(pow(z_l), .).
  Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) override {
    return guard([&] {
      Ext power = gamma;
      add_to_weight(z0, power);
      const Fp generator =
          two_adic_generator(log_domain() - static_cast<uint32_t>(state_.shape.params.whir.k));
      for (const uint32_t index : indices) {
        power *= gamma;
        add_to_weight(generator.pow(index), power);
      }
      codeword_ = std::move(next_codeword_);
      ++round_;
    });
  }

  Result<std::vector<Ext>> tail(const Ext& challenge) override {
    return guard([&] {
      bind(challenge);
      return coefficients();
    });
  }

 private:
  static Ext at(const std::vector<Ext>& table, size_t y, uint32_t x) {
    return table[2 * y] + (table[2 * y + 1] - table[2 * y]) * Fp::from_u32(x);
  }

  // log2 of the domain of the codeword that this round queries.
  uint32_t log_domain() const {
    return static_cast<uint32_t>(state_.shape.params.log_stacked_height() + state_.shape.params.log_blowup) -
           round_;
  }

  void bind(const Ext& challenge) {
    state_.poll();
    fold_lowest(polynomial_, challenge);
    fold_lowest(weight_, challenge);
  }

  // Subset sums over all index bits: monomial coefficients to values on the cube.
  void coefficients_to_evaluations(std::vector<Ext>& table) const {
    for (size_t bit = 1; bit < table.size(); bit *= 2) {
      state_.poll();
      for (size_t j = 0; j < table.size(); ++j) {
        if (j & bit) table[j] += table[j ^ bit];
      }
    }
  }
  // The inverse, of the polynomial as folded so far.
  std::vector<Ext> coefficients() const {
    std::vector<Ext> table = polynomial_;
    for (size_t bit = 1; bit < table.size(); bit *= 2) {
      state_.poll();
      for (size_t j = 0; j < table.size(); ++j) {
        if (j & bit) table[j] -= table[j ^ bit];
      }
    }
    return table;
  }

  // Adds scale * eq((z, z^2, z^4, ...), .).
  template <class T>
  void add_to_weight(T z, const Ext& scale) {
    state_.poll();
    std::vector<T> point;
    for (size_t size = 1; size < weight_.size(); size *= 2, z = z.square()) point.push_back(z);
    const std::vector<T> eq = eq_table(std::span<const T>(point));
    for (size_t b = 0; b < weight_.size(); ++b) weight_[b] += scale * eq[b];
  }

  // Query index t opens the rows t + i S, S the number of query digests (part 06, 5).
  template <class T, class Cell>
  OpenedRows<T> open_rows(std::span<const uint32_t> indices, uint64_t width, Cell cell) const {
    const uint64_t k = state_.shape.params.whir.k;
    OpenedRows<T> rows{indices.size(), uint64_t{1} << k, width, {}};
    for (const uint64_t index : indices) {
      for (uint64_t i = 0; i < rows.rows_per_query; ++i) {
        const uint64_t row = index + (i << (log_domain() - k));
        for (uint64_t column = 0; column < width; ++column) rows.values.push_back(cell(row, column));
      }
    }
    return rows;
  }
  static MerklePaths open_paths(std::span<const uint32_t> indices,
                                const std::vector<std::vector<Digest>>& layers) {
    MerklePaths paths{indices.size(), layers.size() - 1, {}};
    for (const uint32_t index : indices) append_path(layers, index, paths.digests);
    return paths;
  }

  const SessionState& state_;
  Charge charge_;
  uint32_t round_ = 0;
  std::vector<Ext> polynomial_, weight_;  // values on the cube
  std::vector<Ext> coefficients_;         // of the polynomial that commit_folded encoded
  Codeword codeword_, next_codeword_;     // the one this round queries (from round 1), and the one it commits
};

}  // namespace

std::unique_ptr<Opening> make_opening(const SessionState& state, std::span<const Ext> u, const Ext& mu) {
  return std::make_unique<Whir>(state, u, mu);
}

}  // namespace openswirl::reference
