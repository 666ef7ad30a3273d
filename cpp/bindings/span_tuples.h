// Spans as Python gets them, by the names of openswirl.profiling.
#pragma once

#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <tuple>
#include <vector>

#include "runtime/spans.h"

namespace openswirl::bindings {

// Name, parent, start, duration, processor time, ran on a device, ran on the host, work of the device (fields
// of DeviceWork).
using SpanTuple = std::tuple<std::string, int32_t, double, double, double, bool, bool, std::vector<uint64_t>>;

inline std::vector<SpanTuple> span_tuples(const SpanRecorder& recorder) {
  std::vector<SpanTuple> spans;
  for (const SpanRecord& span : recorder.records()) {
    const DeviceWork& work = span.device_work;
    spans.emplace_back(span.name, span.parent, span.start_s, span.duration_s, span.cpu_s, span.on_device,
                       span.on_host,
                       std::vector<uint64_t>{work.dispatches, work.submissions, work.waits,
                                             work.bytes_touched, work.bytes_uploaded, work.bytes_downloaded});
  }
  return spans;
}

}  // namespace openswirl::bindings
