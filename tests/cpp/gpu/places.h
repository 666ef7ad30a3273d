// Where the stages of a proof ran, as its spans say.
#pragma once

#include <set>
#include <string>

#include "googletest.h"
#include "runtime/spans.h"

namespace gpu_test {

// With nothing left to the host, every stage must have run on the device: alone, but for those whose last few
// values are always the host's. Where each span ran goes into the report of the test.
inline void expect_all_on_device(const openswirl::SpanRecorder& spans) {
  std::set<std::string> on_device;
  for (const openswirl::SpanRecord& span : spans.records()) {
    if (!span.on_device && !span.on_host) continue;
    testing::Test::RecordProperty(span.name,
                                  span.on_device ? span.on_host ? "device and host" : "device" : "host");
    // Without a variable of the hypercube there is nothing to do in its rounds.
    EXPECT_TRUE(span.on_device || span.name == "prover.rap_constraints.mle_rounds") << span.name;
    if (span.name == "stacked_commit" || span.name == "grind" || span.name == "fold_ple") {
      EXPECT_FALSE(span.on_host) << span.name;
    }
    if (span.on_device) on_device.insert(span.name);
  }
  for (const char* stage : {"stacked_commit", "prover.rap_constraints.round0", "fold_ple",
                            "prover.openings.stacked_reduction", "prover.openings.whir"}) {
    EXPECT_TRUE(on_device.contains(stage)) << stage;
  }
}

}  // namespace gpu_test
