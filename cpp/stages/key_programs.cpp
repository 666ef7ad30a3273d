#include "stages/key_programs.h"

#include <mutex>
#include <optional>

namespace openswirl::stages {
namespace {

struct NodesOfSum {
  const std::vector<uint32_t>& nodes;
  uint32_t sum;
};

ConstraintProgram compile(const AirVk& air, std::initializer_list<NodesOfSum> sums) {
  std::vector<ProgramOutput> outputs;
  for (const NodesOfSum& of_sum : sums) {
    for (const uint32_t node : of_sum.nodes) outputs.push_back({node, of_sum.sum});
  }
  return compile_sums(air, outputs, ColumnRows::kSlots);
}

}  // namespace

AirPrograms::AirPrograms(const AirVk& air)
    : functions(air.constraints),
      cosets(compile(air, {{functions.messages, 0}, {functions.counts, 0}, {functions.constraints, 1}})),
      lines(compile(air, {{functions.constraints, 0}, {functions.messages, 0}, {functions.counts, 0}})) {
  if (functions.counts.empty()) return;
  fractions = compile_fractions(air, ColumnRows::kSlots);
  domain = compile(air, {{functions.messages, 0}, {functions.counts, 1}});
}

struct KeyPrograms::Slot {
  std::once_flag once;
  std::optional<AirPrograms> programs;
};

KeyPrograms::KeyPrograms(const VerifyingKey& vk)
    : vk_(vk), slots_(std::make_unique<Slot[]>(vk.airs.size())) {}

KeyPrograms::~KeyPrograms() = default;

const AirPrograms& KeyPrograms::air(uint32_t air_id) const {
  Slot& slot = slots_[air_id];
  std::call_once(slot.once, [&] { slot.programs.emplace(vk_.airs[air_id]); });
  return *slot.programs;
}

}  // namespace openswirl::stages
