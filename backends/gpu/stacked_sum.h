// The stacked opening reduction on the device (protocol part 05, 9.3): the contract of
// stages::StackedSumStage. Both passes over the cells are the device's, and the rounds of a class of columns
// until its tables are small; nodes, one for each column at most, are the host's.
#pragma once

#include "gpu/stage_inputs.h"
#include "stages/stacked_rounds.h"

namespace openswirl::gpu {

// Tables of at most this many points of the cube are the host's: it is done with them before a device
// answers.
inline constexpr uint64_t kHostCombined = uint64_t{1} << 12;

class StackedSumStage {
 public:
  // r: 1 + n_max coordinates. host_entries = 0 leaves all rounds of the classes to the device.
  StackedSumStage(Work& work, const DeviceInputs& inputs, std::span<const Ext> r, const Ext& lambda,
                  uint64_t host_entries = kHostCombined);

  std::vector<Ext> first_round();
  std::array<Ext, 2> next(const Ext& challenge);
  std::vector<std::vector<Ext>> finish(const Ext& challenge);

 private:
  // A class of columns of one height on the device.
  struct Class {
    Array columns;          // addresses, an even number
    std::vector<Use> uses;  // what lies behind them
    uint32_t count = 0;     // of columns
    uint32_t chunks = 1;    // the columns are combined in
    uint32_t halves = 1;    // 2 with rotation
    Array cells;            // combined columns, until u_0 is bound
    Array eq;               // over the cube, at r; until u_0 is bound
    Array tables;           // of the rounds: per half the column and its kernel, `size` elements each
    uint64_t size = 0;      // 0: not on the device
    Array sums;             // partial sums of the next round
  };
  void combine(const stages::HeightClass& of_height, Class& on_device);
  // weights[row] = block[z] eq(point, x).
  Array weights(std::span<const Ext> block, std::span<const Ext> point);
  Array first_sums(const stages::HeightClass& of_height, Class& on_device);
  void bind_first(const stages::HeightClass& of_height, Class& on_device);
  void bind_next(Class& on_device, const Ext& challenge);
  Array column_values(const stages::HeightClass& of_height, Class& on_device);
  // Binds a challenge; s_j(1), s_j(2).
  std::array<Ext, 2> bind(const Ext& challenge);

  Work& work_;
  const uint32_t l_skip_;
  const uint64_t host_entries_;
  const std::vector<Ext> r_;
  stages::StackedRounds rounds_;
  std::vector<Class> classes_;  // as those of rounds_
  std::vector<Ext> u_;
};

}  // namespace openswirl::gpu
