// Runs the constraint sums on a device beside those of the host.
#pragma once

#include "googletest.h"
#include "gpu/constraint_sum.h"

#include "on_device.h"
#include "random_words.h"
#include "stages/constraint_sum.h"

namespace gpu_test {

struct Options {
  uint64_t host_entries = 0, coset_words = gpu::kCosetWords;
  size_t piece_instructions = gpu::ConstraintPrograms::kPieceInstructions;
};

// The messages of a vector's proof, on a device.
inline void expect_messages(gpu::Work& work, const stages_test::VectorCase& test, uint64_t host_entries,
                            const gpu::GeneratedConstraints* generated) {
  const OnDevice device(work, test);
  const stages_test::Challenges& given = *test.challenges;
  const BatchConstraintProof& expected = test.proof.batch_constraints;
  const gpu::ConstraintPrograms programs(work, *test.inputs.vk);
  gpu::ConstraintSumStage sum(work, test.inputs, device.traces, programs,
                              std::make_unique<gpu::ConstraintPlan>(work, test.inputs, device.traces,
                                                                    programs, generated, host_entries),
                              given.beta, given.xi, given.lambda);
  const auto claims = sum.sum_claims();
  ASSERT_EQ(claims.size(), expected.numerator_terms.size());
  for (size_t t = 0; t < claims.size(); ++t) {
    ASSERT_EQ(claims[t].numerator, expected.numerator_terms[t]);
    ASSERT_EQ(claims[t].denominator, expected.denominator_terms[t]);
  }
  ASSERT_EQ(sum.first_round(given.mu), expected.univariate_round_coeffs);
  sum.fold(given.r[0]);
  for (size_t j = 0; j < expected.sumcheck_round_polys.size(); ++j) {
    ASSERT_EQ(sum.next(j == 0 ? nullptr : &given.r[j]), expected.sumcheck_round_polys[j]);
  }
  ASSERT_EQ(sum.finish(given.r.size() == 1 ? nullptr : &given.r.back()), expected.column_openings);
}

// Every message as the host stage's, for random challenges. Returns the dispatches.
inline uint64_t expect_run(gpu::Work& work, const stages_test::Instance& test, const Options& options,
                           const gpu::ConstraintPrograms& programs,
                           const gpu::GeneratedConstraints* generated) {
  const ProofShape& shape = test.inputs.shape;
  const auto random = stages_test::words(400, 5);
  size_t used = 0;
  const auto challenge = [&] { return stages_test::ext(&random[4 * used++]); };
  const Ext beta = challenge(), lambda = challenge(), mu = challenge();
  std::vector<Ext> xi(shape.params.l_skip + shape.n_global()), r(1 + shape.n_max);
  for (Ext& x : xi) x = challenge();
  for (Ext& x : r) x = challenge();
  stages::ConstraintSumStage host(test.inputs, beta, beta, xi, lambda);

  const OnDevice device(work, test);
  const uint64_t before = work.recorder().activity().dispatches;
  gpu::ConstraintSumStage sum(
      work, test.inputs, device.traces, programs,
      std::make_unique<gpu::ConstraintPlan>(work, test.inputs, device.traces, programs, generated,
                                            options.host_entries, options.coset_words),
      beta, xi, lambda);
  const auto claims = sum.sum_claims(), expected = host.sum_claims();
  EXPECT_EQ(claims.size(), expected.size());
  for (size_t t = 0; t < claims.size(); ++t) {
    EXPECT_EQ(claims[t].numerator, expected[t].numerator) << "trace " << t;
    EXPECT_EQ(claims[t].denominator, expected[t].denominator) << "trace " << t;
  }
  EXPECT_EQ(sum.first_round(mu), host.first_round(mu));
  sum.fold(r[0]);
  host.fold(r[0]);
  for (uint32_t j = 1; j <= shape.n_max; ++j) {
    const Ext* last = j == 1 ? nullptr : &r[j - 1];
    EXPECT_EQ(sum.next(last), host.next(last)) << "round " << j;
  }
  const Ext* last = shape.n_max == 0 ? nullptr : &r.back();
  EXPECT_EQ(sum.finish(last), host.finish(last));
  return work.recorder().activity().dispatches - before;
}

inline stages_test::Matrix random_matrix(uint64_t rows, uint64_t columns, uint64_t seed) {
  stages_test::Matrix result{rows, columns, {}};
  for (const uint32_t word : stages_test::words(rows * columns, seed)) {
    result.values.push_back(Fp::from_word(word));
  }
  return result;
}

inline uint64_t expect_run(gpu::Work& work, const stages_test::Instance& test, const Options& options) {
  const gpu::ConstraintPrograms programs(work, *test.inputs.vk, options.piece_instructions);
  return expect_run(work, test, options, programs, nullptr);
}

}  // namespace gpu_test
