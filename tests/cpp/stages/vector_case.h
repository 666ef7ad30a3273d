// A case of the test vectors as the stages see it: stacked matrices on host memory, and the challenges that
// its proof's transcript gives.
#pragma once

#include <bit>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "codec/proof.h"
#include "codec/verifying_key.h"
#include "schedule/protocol.h"
#include "stages/inputs.h"
#include "vectors.h"

namespace stages_test {

using namespace openswirl;
using stages::CommitmentView, stages::StageInputs, stages::TraceView;

// Reads every message from the proof and remembers every challenge.
class Challenges : public FractionsParty, public ConstraintsParty, public StackingParty {
 public:
  Challenges(const VerifyingKey& vk, const ProofShape& shape, const Proof& proof) : proof_(proof) {
    Transcript transcript;
    run_preamble(transcript, vk, proof);
    const FractionsOutcome outcome = run_fractions(transcript, shape, *this);
    r = run_constraints(transcript, vk, shape, outcome, *this);
    u = run_stacking(transcript, shape, r, *this);
  }

  struct Layer {
    Ext lambda, mu;  // mu closed the layer before
    std::vector<Ext> rho;
  };
  Ext alpha, beta;
  std::vector<Layer> layers;
  std::vector<Ext> xi;
  Ext lambda, mu;
  std::vector<Ext> r;
  Ext stacking_lambda;
  std::vector<Ext> u;

  Fp logup_pow_witness(const GrindPoint&, uint32_t) override { return proof_.gkr.logup_pow_witness; }
  void logup_pow_rejected() override { throw std::runtime_error("the proof of work of a vector"); }
  void no_interactions(const Ext&) override {}
  Ext root(const Ext&, const Ext&) override { return proof_.gkr.q0_claim; }
  LayerClaims first_layer() override { return proof_.gkr.claims_per_layer[0]; }
  void enter_layer(uint32_t, const Ext& batching, const Ext& last_mu) override {
    layers.push_back({batching, last_mu, {}});
  }
  std::array<Ext, 3> layer_round(uint32_t round, uint32_t k, const Ext* challenge) override {
    if (challenge != nullptr) layers.back().rho.push_back(*challenge);
    return proof_.gkr.sumcheck_polys[round - 1][k];
  }
  LayerClaims layer_claims(uint32_t round, const Ext& challenge) override {
    layers.back().rho.push_back(challenge);
    return proof_.gkr.claims_per_layer[round];
  }
  void fractions_closed(std::span<const Ext>) override {}

  void constraints_begin(const ConstraintsBegin& begin) override {
    alpha = begin.alpha, beta = begin.beta, xi = begin.xi, lambda = begin.lambda;
  }
  std::vector<SumClaimMessage> sum_claims() override {
    std::vector<SumClaimMessage> claims;
    const BatchConstraintProof& part = proof_.batch_constraints;
    for (size_t t = 0; t < part.numerator_terms.size(); ++t) {
      claims.push_back({part.numerator_terms[t], part.denominator_terms[t]});
    }
    return claims;
  }
  std::vector<Ext> univariate_round(const Ext& batching) override {
    mu = batching;
    return proof_.batch_constraints.univariate_round_coeffs;
  }
  std::vector<Ext> constraint_round(uint32_t j, const Ext&) override {
    return proof_.batch_constraints.sumcheck_round_polys[j - 1];
  }
  const std::vector<PartOpenings>& column_openings(const Ext&) override {
    return proof_.batch_constraints.column_openings;
  }

  std::vector<Ext> stacking_univariate_round(std::span<const Ext>, const Ext& batching) override {
    stacking_lambda = batching;
    return proof_.stacking.univariate_round_coeffs;
  }
  std::array<Ext, 2> stacking_round(uint32_t j, const Ext&) override {
    return proof_.stacking.sumcheck_round_polys[j - 1];
  }
  const Ragged<Ext>& stacking_openings(const Ext&) override { return proof_.stacking.stacking_openings; }

 private:
  const Proof& proof_;
};

// One part: values of column c at c * rows.
struct Matrix {
  uint64_t rows = 0, columns = 0;
  std::vector<Fp> values;
};

// Stage inputs over matrices that the test gives, stacked here by the definition (part 03, 6.2).
struct Instance {
  VerifyingKey vk;
  StageInputs inputs;
  std::optional<stages::KeyPrograms> programs;
  std::vector<std::vector<Fp>> stacked;

  // parts[t]: matrices of trace t, sorted order, opening order. inputs.shape is set.
  void stack(const std::vector<std::vector<Matrix>>& parts) {
    const ProofShape& shape = inputs.shape;
    inputs.vk = &vk;
    programs.emplace(vk);
    inputs.programs = &*programs;
    for (size_t t = 0; t < shape.traces.size(); ++t) {
      TraceView& view = inputs.traces.emplace_back();
      view.air = &vk.airs[shape.traces[t].air_id];
      view.shape = shape.traces[t];
      view.parts.resize(parts[t].size());
    }
    for (const CommitmentShape& commitment : shape.commitments) {
      const StackedLayout& layout = commitment.layout;
      std::vector<Fp>& matrix = stacked.emplace_back(layout.width << layout.log_stacked_height, Fp::zero());
      for (const StackedSlice& slice : layout.slices) {
        const bool common = commitment.trace == CommitmentShape::kCommon;
        const size_t trace = common ? slice.matrix : commitment.trace,
                     part = common ? 0 : commitment.opening_part;
        const Matrix& source = parts[trace][part];
        Fp* cells =
            matrix.data() + (uint64_t{slice.stacked_column} << layout.log_stacked_height) + slice.start_row;
        for (size_t i = 0; i < source.rows; ++i) {
          cells[i * layout.stride(slice)] = source.values[slice.column * source.rows + i];
        }
        inputs.traces[trace].parts[part].columns.push_back(cells);
        inputs.traces[trace].parts[part].stride = layout.stride(slice);
      }
      CommitmentView& view = inputs.commitments.emplace_back();
      view.layout = &layout;
      view.stacked = matrix.data();
    }
  }
};

struct VectorCase : Instance {
  Proof proof;
  std::unique_ptr<Challenges> challenges;

  explicit VectorCase(const std::string& name, unsigned threads = 2) {
    const std::filesystem::path folder = vectors::folder() / name;
    vk = decode_verifying_key(vectors::read_bytes(folder / "vk.postcard"));
    proof = decode_proof(vectors::read_bytes(folder / "proof.bin"));
    inputs.context.pool = std::make_shared<ThreadPool>(threads);

    std::vector<std::optional<uint32_t>> heights(vk.airs.size());
    for (size_t id = 0; id < heights.size(); ++id) {
      if (proof.trace_vdata[id]) heights[id] = static_cast<uint32_t>(proof.trace_vdata[id]->log_height);
    }
    inputs.shape = make_proof_shape(vk, heights);
    std::vector<std::vector<Matrix>> parts;
    for (const TraceShape& trace : inputs.shape.traces) {
      const AirVk& air = vk.airs[trace.air_id];
      const std::string prefix = "air" + std::to_string(trace.air_id);
      std::vector<std::string> files = {prefix + "_common.npy"};
      if (air.preprocessed) files.push_back(prefix + "_preprocessed.npy");
      for (size_t j = 0; j < air.width.cached_mains.size(); ++j) {
        files.push_back(prefix + "_cached" + std::to_string(j) + ".npy");
      }
      std::vector<Matrix>& of_trace = parts.emplace_back();
      for (const std::string& file : files) {
        const vectors::Array array = vectors::read_npy(folder / file);
        Matrix matrix{array.shape[0], array.shape[1], std::vector<Fp>(array.values.size())};
        for (size_t i = 0; i < array.values.size(); ++i) {
          matrix.values[i % matrix.columns * matrix.rows + i / matrix.columns] =
              Fp::from_u32(array.values[i]);
        }
        of_trace.push_back(std::move(matrix));
      }
    }
    stack(parts);
    for (TraceView& view : inputs.traces) {
      const auto& values = proof.public_values[view.shape.air_id];
      view.public_values.assign(values.begin(), values.end());
    }
    challenges = std::make_unique<Challenges>(vk, inputs.shape, proof);
  }
  VectorCase(const VectorCase&) = delete;
  VectorCase& operator=(const VectorCase&) = delete;
};

}  // namespace stages_test
