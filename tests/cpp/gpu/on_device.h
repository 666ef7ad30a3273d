// The stacked matrices of an instance on a device.
#pragma once

#include "gpu/trace_columns.h"
#include "vector_case.h"

#include "devices.h"

namespace gpu_test {

struct OnDevice {
  std::vector<gpu::Array> stacked;
  gpu::DeviceTraces traces;

  OnDevice(gpu::Work& work, const stages_test::Instance& instance) {
    std::vector<gpu::Range> ranges;
    for (const std::vector<Fp>& matrix : instance.stacked) {
      ranges.push_back(stacked.emplace_back(work.upload(std::span<const Fp>(matrix), "stacked")).range());
    }
    traces = gpu::locate_columns(instance.inputs.shape, ranges);
  }
};

}  // namespace gpu_test
