// Where the stages of a proof ran, as its spans say.
#pragma once

#include <set>
#include <string>

#include "googletest.h"
#include "runtime/spans.h"

namespace gpu_test {

// With nothing left to the host, every stage must have run on the device. Where each span ran goes into the
// report of the test.
inline void expect_all_on_device(const openswirl::SpanRecorder& spans) {
  std::set<std::string> stages;
  for (const openswirl::SpanRecord& span : spans.records()) {
    if (!span.on_device && !span.on_host) continue;
    testing::Test::RecordProperty(span.name,
                                  span.on_device ? span.on_host ? "device and host" : "device" : "host");
    if (span.name == "grind" || span.name == "fold_ple" || span.name == "prover.rap_constraints.round0" ||
        span.name.starts_with("prover.openings.")) {
      EXPECT_TRUE(span.on_device) << span.name;
      stages.insert(span.name);
    }
  }
  EXPECT_TRUE(stages.contains("prover.rap_constraints.round0"));
  EXPECT_TRUE(stages.contains("grind"));
}

}  // namespace gpu_test
