#include "runtime/planned.h"

namespace openswirl {
namespace {

constexpr uint64_t KernelOperations::* kMembers[] = {
    &KernelOperations::multiplications, &KernelOperations::factor_multiplications,
    &KernelOperations::reductions,      &KernelOperations::folds,
    &KernelOperations::additions,       &KernelOperations::shifts,
    &KernelOperations::permutations,    &KernelOperations::words_loaded,
    &KernelOperations::words_stored,    &KernelOperations::atomics};

}  // namespace

KernelOperations& KernelOperations::operator+=(const KernelOperations& other) {
  for (const auto member : kMembers) this->*member += other.*member;
  return *this;
}

KernelOperations KernelOperations::operator-(const KernelOperations& other) const {
  KernelOperations result = *this;
  for (const auto member : kMembers) result.*member -= other.*member;
  return result;
}

void KernelOperations::scale(uint64_t to, uint64_t from) {
  if (from == 0 || from == to) return;
  const double factor = static_cast<double>(to) / static_cast<double>(from);
  for (const auto member : kMembers) {
    this->*member = static_cast<uint64_t>(static_cast<double>(this->*member) * factor + 0.5);
  }
}

}  // namespace openswirl
