// The backend interface: Backend > Device > Session > four stage workers. See docs/backend-interface.md for
// the exact table of calls. Workers are transcript-free: they get challenges and return protocol messages,
// whose values are equal on every backend. Calls that can fail cross the plugin edge as a Result; nothing
// throws across it. The others answer from what is known already, return plain values and must not fail.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hash/sponge.h"
#include "openswirl/result.h"
#include "protocol/proof.h"
#include "protocol/shape.h"
#include "runtime/ceilings.h"
#include "runtime/context.h"

namespace openswirl {

struct DeviceInfo {
  std::string name;         // "cpu", "metal:0"
  std::string description;  // "AMD EPYC, 2 threads, avx512"
  uint64_t memory_bytes = 0;
  bool unified_memory = true;  // host memory is device memory
  bool executes = true;        // false: it only plans, and all its messages are zeros
};

// A trace on the host. Values are canonical residues, already checked to be below p.
// The memory is borrowed: `owner` keeps it alive as long as the device needs it.
struct HostMatrix {
  enum class Order { kRowMajor, kColumnMajor };
  const uint32_t* data = nullptr;
  uint64_t rows = 0;  // a power of two, also when columns = 0
  uint64_t columns = 0;
  Order order = Order::kRowMajor;
  std::shared_ptr<const void> owner;
};

// A trace as the device holds it.
class DeviceMatrix {
 public:
  virtual ~DeviceMatrix() = default;
  virtual uint64_t rows() const = 0;
  virtual uint64_t columns() const = 0;
};

// A stacked commitment as the device holds it: stacked matrix, codeword (or the means to make it again),
// tree. Immutable; any number of sessions may share it.
class Commitment {
 public:
  virtual ~Commitment() = default;
  virtual const Digest& root() const = 0;
  virtual const StackedLayout& layout() const = 0;
};

// A proving key as the device holds it: the key, its preprocessed commitments, whatever is compiled from the
// DAGs.
class DeviceKey {
 public:
  virtual ~DeviceKey() = default;
  virtual const ProvingKey& key() const = 0;
};

// One present trace of a session, in sorted trace order.
struct TraceInput {
  std::shared_ptr<const DeviceMatrix> common_main;
  std::vector<std::shared_ptr<const Commitment>> cached_mains;  // single-matrix commitments, key order
  std::vector<Fp> public_values;
};

struct Fraction {
  Ext p, q;
};

// LogUp-GKR (part 04, 4). Layer 1 needs no sumcheck; layers 2 .. num_gkr_layers are proven one after another.
class FractionTree {
 public:
  virtual ~FractionTree() = default;
  virtual Result<Fraction> root() = 0;
  // Claims of nodes 0 and 1 of layer 1.
  virtual Result<LayerClaims> first_layer() = 0;
  // Starts the sumcheck over the next layer. mu closed the layer before: it is the new first coordinate of
  // xi.
  virtual Status enter(const Ext& lambda, const Ext& mu) = 0;
  // Binds the challenge (null in the first round of a layer), returns s(1), s(2), s(3) of the next round.
  virtual Result<std::array<Ext, 3>> next(const Ext* challenge) = 0;
  // Binds the layer's last challenge, returns the four claims.
  virtual Result<LayerClaims> leave(const Ext& challenge) = 0;
};

struct ConstraintChallenges {
  Ext alpha, beta;
  std::vector<Ext> xi;  // l_skip + n_global coordinates
  Ext lambda;
};

struct SumClaim {
  Ext numerator, denominator;
};

// The batched zerocheck and LogUp input sumcheck (part 04, 5 and 6).
class ConstraintSum {
 public:
  virtual ~ConstraintSum() = default;
  // sum_p, sum_q per present trace, sorted trace order; zero for traces without interactions.
  virtual Result<std::vector<SumClaim>> sum_claims() = 0;
  // The (d+1)(2^l_skip - 1) + 1 coefficients of s_0, constant first.
  virtual Result<std::vector<Ext>> first_round(const Ext& mu) = 0;
  // Binds r_0: every column becomes its values at Z = r_0. A call of its own because it reads the whole
  // trace.
  virtual Status fold(const Ext& r_0) = 0;
  // Binds r_1, r_2, ... (null in the first call); returns s_j(1) .. s_j(d+1). Called n_max times.
  virtual Result<std::vector<Ext>> next(const Ext* challenge) = 0;
  // Binds r_{n_max} (null if n_max = 0); returns the column openings in sorted trace order.
  virtual Result<std::vector<PartOpenings>> finish(const Ext* challenge) = 0;
};

// The stacked opening reduction (part 05).
class StackedSum {
 public:
  virtual ~StackedSum() = default;
  // The 2 (2^l_skip - 1) + 1 coefficients of s_0, constant first.
  virtual Result<std::vector<Ext>> first_round() = 0;
  // Binds u_0, then u_1, ...; returns s_j(1), s_j(2). Called n_stack times.
  virtual Result<std::array<Ext, 2>> next(const Ext& challenge) = 0;
  // Binds the last challenge (u_0 if n_stack = 0); returns the openings per commitment and stacked column.
  virtual Result<std::vector<std::vector<Ext>>> finish(const Ext& challenge) = 0;
};

// What the queries of one WHIR round open: `initial_*` (per commitment) in round 0, `codeword_*` afterwards.
struct QueryOpenings {
  std::vector<OpenedRows<Fp>> initial_rows;
  std::vector<MerklePaths> initial_paths;
  OpenedRows<Ext> codeword_values;
  MerklePaths codeword_paths;
};

// WHIR (part 06, 7). Per round i: next(nullptr), then next(alpha) k - 1 times; then either
// commit_folded(last alpha), evaluate(z0), open(indices), update(z0, indices, gamma), or in the last round
// tail(last alpha), open(indices).
class Opening {
 public:
  virtual ~Opening() = default;
  // Binds the challenge (null in the first call of a WHIR round); returns S(1), S(2).
  virtual Result<std::array<Ext, 2>> next(const Ext* challenge) = 0;
  // Binds the round's last challenge, encodes and commits the folded polynomial.
  virtual Result<Digest> commit_folded(const Ext& challenge) = 0;
  // The folded polynomial, read as univariate, at z0.
  virtual Result<Ext> evaluate(const Ext& z0) = 0;
  // Opens the codeword committed before this round's folds: indices in order, repeats kept.
  virtual Result<QueryOpenings> open(std::span<const uint32_t> indices) = 0;
  virtual Status update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) = 0;
  // Binds the last challenge of the last round; returns the final polynomial's coefficients.
  virtual Result<std::vector<Ext>> tail(const Ext& challenge) = 0;
};

// One proof. Its workers live no longer than the session, one at a time, in the order of the members.
class Session {
 public:
  virtual ~Session() = default;
  // Commits all common mains together.
  virtual Result<Digest> commit() = 0;
  // The smallest witness; bits is 1 .. 30.
  virtual Result<Fp> grind(const GrindPoint& point, uint32_t bits) = 0;
  // Only with interactions.
  virtual Result<std::unique_ptr<FractionTree>> fraction_tree(const Ext& alpha, const Ext& beta) = 0;
  virtual Result<std::unique_ptr<ConstraintSum>> constraint_sum(const ConstraintChallenges& challenges) = 0;
  // r: 1 + n_max coordinates.
  virtual Result<std::unique_ptr<StackedSum>> stacked_sum(std::span<const Ext> r, const Ext& lambda) = 0;
  // u: 1 + n_stack coordinates (the prism point).
  virtual Result<std::unique_ptr<Opening>> opening(std::span<const Ext> u, const Ext& mu) = 0;
};

// Peak bytes of each phase, before any allocation.
struct MemoryPlan {
  uint64_t commit = 0, fractions = 0, constraints = 0, stacking = 0, whir = 0;
  uint64_t peak() const;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual const DeviceInfo& info() const = 0;
  // Empty if this device can prove the shape, else the reason as a sentence.
  virtual std::string unsupported_reason(const ProofShape& shape) const = 0;
  virtual Result<MemoryPlan> plan(const VerifyingKey& vk, const ProofShape& shape) const = 0;
  // Known answers of every kernel.
  virtual Status self_test(const Context& context) = 0;
  // What this device can do at most, measured now. kUnsupported with the reason if it is not made for speed.
  virtual Result<Ceilings> ceilings(const Context& context);

  virtual Result<std::shared_ptr<const DeviceMatrix>> import(const HostMatrix& matrix,
                                                             const Context& context) = 0;
  // The stacked commitment of these matrices, sorted by height descending.
  virtual Result<std::shared_ptr<const Commitment>> commit(
      const SystemParams& params, std::span<const std::shared_ptr<const DeviceMatrix>> matrices,
      const Context& context) = 0;
  virtual Result<HostCommitment> export_commitment(const Commitment& commitment, const Context& context) = 0;
  // Takes a commitment made earlier as it is; only its shape is checked against the parameters.
  virtual Result<std::shared_ptr<const Commitment>> import_commitment(
      const SystemParams& params, std::shared_ptr<const HostCommitment> commitment,
      const Context& context) = 0;
  virtual Result<std::shared_ptr<const DeviceKey>> load_key(std::shared_ptr<const ProvingKey> key,
                                                            const Context& context) = 0;
  virtual Result<std::unique_ptr<Session>> begin(std::shared_ptr<const DeviceKey> key,
                                                 const ProofShape& shape, std::vector<TraceInput> traces,
                                                 const Context& context) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  // Rank for device="auto" on this machine; 0 = never chosen automatically.
  virtual int score() const = 0;
  virtual std::vector<DeviceInfo> devices() const = 0;
  // Why devices() is empty; empty otherwise.
  virtual std::string unavailable_reason() const { return {}; }
  virtual Result<std::shared_ptr<Device>> open(uint32_t index) = 0;
};

}  // namespace openswirl
