// Kernels written for the constraints of single AIRs (gpu/codegen): which AIRs have one, whether it computes
// what the interpreter computes on this device, and whether it is faster.
#pragma once

#include <sys/types.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gpu/codegen/tables.h"
#include "gpu/constraint_programs.h"
#include "protocol/shape.h"

namespace openswirl::gpu {

// The text of an AIR's kernels. Made of the AIR alone, so equal on every machine.
struct GeneratedText {
  explicit GeneratedText(const AirVk& air);
  GeneratedText(const GeneratedText&) = delete;
  GeneratedText& operator=(const GeneratedText&) = delete;

  // Of one kernel, for a compiler; `name` is for messages.
  KernelText kernel_text(size_t kernel, const std::string& name) const;
  // Empty, or why no kernels are written.
  std::string unsuitable() const;

  codegen::CellPlan plan;
  codegen::EmittedText text;
  std::vector<uint32_t> leaf_rows;  // row of the AIR of every leaf
  uint32_t num_rows = 0;
};

// To which result constraints, messages and counts go; none where a function is not wanted.
using ResultOf = std::array<std::optional<size_t>, 3>;
inline constexpr ResultOf kClaimSums = {std::nullopt, 0, 1}, kUnivariateSums = {1, 0, 0},
                          kLineSums = {0, 0, 0};
// The nodes of each of the sums that a message asks for.
using SummedNodes = std::vector<std::vector<uint32_t>>;
SummedNodes summed_nodes(const stages::RowFunctions& functions, const ResultOf& result_of, size_t results);

// Kernels that are compiled and checked.
struct GeneratedAir {
  GeneratedText text;
  std::vector<std::shared_ptr<const KernelProgram>> programs;  // one for each kernel
  // What one kernel dispatch of the check's size saves, in seconds for each point and each line; negative
  // where the interpreter is faster.
  double saved_per_point = 0, saved_per_line = 0;
  bool always = false;  // not only where it saves time

  explicit GeneratedAir(const AirVk& air) : text(air) {}
  bool worth(codegen::Form form, uint64_t places) const;

  // The kernels' tables for a trace.
  struct Tables {
    Tables(const GeneratedText& text, codegen::Form form, const SummedNodes& sums,
           std::span<const Fp> public_values);
    codegen::CellTables cells;
    Array words;  // of the cells, on the device; empty where they are not there for good
  };
  // With these public values. The last ones of each form and sums are kept for the messages and proofs to
  // come.
  std::shared_ptr<const Tables> tables(codegen::Form form, const SummedNodes& sums,
                                       std::span<const Fp> public_values) const;
  // Makes those of the messages of a proof and leaves them on the device, if no public values are in them.
  void upload_tables(Work& work, const AirVk& air);

 private:
  struct Kept {
    codegen::Form form;
    SummedNodes sums;
    std::vector<Fp> public_values;
    std::shared_ptr<const Tables> tables;
  };
  mutable std::mutex mutex_;
  mutable std::vector<Kept> kept_;
};

// Of one key. Compilation runs on a thread of its own, kernel by kernel: when the object goes, the one that
// is being compiled is waited for. In a child of the process that made the object there are no kernels.
class GeneratedConstraints {
 public:
  // Key and programs outlive the object.
  GeneratedConstraints(std::shared_ptr<const Engine> engine, const VerifyingKey& vk,
                       const ConstraintPrograms& programs);
  ~GeneratedConstraints();
  GeneratedConstraints(const GeneratedConstraints&) = delete;
  GeneratedConstraints& operator=(const GeneratedConstraints&) = delete;

  // Kernels for the AIRs of a proof of this shape where they would pay are compiled, in the background or, if
  // the engine says so, before this returns. Throws Error if that was asked for and fails.
  void request(const ProofShape& shape, const CancelToken& cancel);
  // Null while there is none. Why one failed is a notice.
  std::shared_ptr<const GeneratedAir> air(uint32_t air_id) const;

 private:
  enum class State : uint8_t { kNone, kQueued, kReady, kFailed };
  struct Entry {
    State state = State::kNone;
    std::shared_ptr<const GeneratedAir> air;
    Failure failure;
  };
  bool is_child() const;
  void start();
  void run();
  std::shared_ptr<const GeneratedAir> make(uint32_t air_id) const;

  std::shared_ptr<const Engine> engine_;
  const VerifyingKey& vk_;
  const ConstraintPrograms& programs_;
  std::shared_ptr<CancelToken> cancel_ = std::make_shared<CancelToken>();
  // What the thread shares. A child of the process never touches it: the lock may be held for ever.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Entry> entries;   // by AIR
    std::vector<uint32_t> queue;  // AIRs, last one first
    bool ending = false, ended = false;
    std::thread thread;
  };
  const pid_t pid_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace openswirl::gpu
