// Counts of the field operations that a thread performs, in builds with OPENSWIRL_COUNT_WORK: what the
// formulas of docs/performance-model.md are checked against. Other builds count nothing and pay nothing.
#pragma once

#include <cstdint>
#include <type_traits>

namespace openswirl {

struct WorkCounts {
  uint64_t additions = 0;        // base field, subtractions and negations too
  uint64_t multiplications = 0;  // base field; base x extension is four
  uint64_t ext_multiplications = 0;
  uint64_t permutations = 0;

  friend WorkCounts operator-(const WorkCounts& a, const WorkCounts& b) {
    return {a.additions - b.additions, a.multiplications - b.multiplications,
            a.ext_multiplications - b.ext_multiplications, a.permutations - b.permutations};
  }
  friend WorkCounts operator+(const WorkCounts& a, const WorkCounts& b) {
    return {a.additions + b.additions, a.multiplications + b.multiplications,
            a.ext_multiplications + b.ext_multiplications, a.permutations + b.permutations};
  }
};

#ifdef OPENSWIRL_COUNT_WORK

inline thread_local WorkCounts work_counts;

// What happens during its life counts as one operation of another kind, whatever it is made of.
class CountAs {
 public:
  constexpr explicit CountAs(uint64_t WorkCounts::* kind) : kind_(kind) {
    if (!std::is_constant_evaluated()) before_ = work_counts;
  }
  constexpr ~CountAs() {
    if (std::is_constant_evaluated()) return;
    work_counts = before_;
    ++(work_counts.*kind_);
  }
  CountAs(const CountAs&) = delete;
  CountAs& operator=(const CountAs&) = delete;

 private:
  uint64_t WorkCounts::* kind_;
  WorkCounts before_;
};

constexpr void count_one(uint64_t WorkCounts::* kind) {
  if (!std::is_constant_evaluated()) ++(work_counts.*kind);
}

#define OPENSWIRL_COUNT(kind) ::openswirl::count_one(&::openswirl::WorkCounts::kind)
#define OPENSWIRL_COUNT_AS(kind) const ::openswirl::CountAs count_as(&::openswirl::WorkCounts::kind)

#else

#define OPENSWIRL_COUNT(kind) static_cast<void>(0)
#define OPENSWIRL_COUNT_AS(kind) static_cast<void>(0)

#endif

}  // namespace openswirl
