// What every stage reads of a proof on host memory: the shape, the key, and the committed matrices.
#pragma once

#include <memory>
#include <vector>

#include "protocol/shape.h"
#include "runtime/context.h"
#include "stages/key_programs.h"
#include "stages/merkle.h"

namespace openswirl::stages {

// One part (common main, preprocessed or cached) of one trace, read from the stacked matrix it was committed
// in. Row i of column c is columns[c][i * stride]; a trace shorter than 2^l_skip has a stride > 1.
struct PartView {
  std::vector<const Fp*> columns;
  uint64_t stride = 1;
};

struct TraceView {
  const AirVk* air = nullptr;
  TraceShape shape;
  std::vector<PartView> parts;  // opening order: common main, preprocessed if any, cached mains
  std::vector<Fp> public_values;
};

// One commitment, commit order.
struct CommitmentView {
  const StackedLayout* layout = nullptr;
  const Fp* stacked = nullptr;   // column-major, height 2^(l_skip + n_stack)
  const Fp* codeword = nullptr;  // column-major, height 2^(l_skip + n_stack + log_blowup)
  uint64_t codeword_stride = 0;  // words between its columns, at least its height
  const DigestTree* tree = nullptr;
};

struct StageInputs {
  ProofShape shape;
  const VerifyingKey* vk = nullptr;
  const KeyPrograms* programs = nullptr;    // of that key
  std::vector<TraceView> traces;            // sorted trace order
  std::vector<CommitmentView> commitments;  // commit order
  Context context;
};

}  // namespace openswirl::stages
