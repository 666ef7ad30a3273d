// What a device that executes nothing was asked to do for a proof: its commands with the work in them.
#pragma once

#include <cstdint>
#include <string>

namespace openswirl {

// Operations of a kernel, as its text counts them. What a permutation does is in the other members too.
struct KernelOperations {
  uint64_t multiplications = 0;         // 32-bit factors, 64-bit products; those by known factors among them
  uint64_t factor_multiplications = 0;  // by a factor known beforehand, reduced
  uint64_t reductions = 0;              // of Montgomery products and sums of them
  uint64_t folds = 0;                   // a sum of products brought back into its range
  uint64_t additions = 0;               // with reduction; subtractions, negations and halvings too
  uint64_t shifts = 0;                  // of the additions that shift
  uint64_t permutations = 0;            // Poseidon2
  uint64_t words_loaded = 0, words_stored = 0, atomics = 0;  // in device memory, caches or not

  KernelOperations& operator+=(const KernelOperations& other);
  KernelOperations operator-(const KernelOperations& other) const;
  // Every count times `to` / `from`, rounded.
  void scale(uint64_t to, uint64_t from);
  // Which of two threads takes longer.
  uint64_t weight() const { return multiplications + reductions + additions + words_loaded + words_stored; }
};

struct PlannedCommand {
  std::string name;     // symbol of a kernel, or fill, copy, upload, download
  double time_s = 0;    // when it would have run, since the recorder was made
  uint64_t groups = 0;  // 0: no kernel
  uint64_t group_size = 0;
  uint64_t groups_counted = 0;                 // from which the operations are
  uint64_t bytes_read = 0, bytes_written = 0;  // of the ranges that it names
  KernelOperations operations;                 // of all groups together
  KernelOperations longest;                    // of the slowest thread between barriers, summed up
};

}  // namespace openswirl
