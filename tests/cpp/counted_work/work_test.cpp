// What the reference backend really performs, span by span, equals the recorded counts.tsv, which
// tests/python/test_work.py holds against the formulas of openswirl.bench.work.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "googletest.h"
#include "prover/case.h"
#include "reference/backend.h"

using namespace openswirl;

namespace {

constexpr const char* kCases[] = {
    "fib_h5",           "fib_h1",           "interactions11", "cached11",
    "mixture_h5",       "no_grinding",      "one_whir_round", "preprocessed_cached2",
    "mixture_l4_n8_k4", "mixture_l0_n8_k3", "keccakf_2"};

std::string path_of(const std::vector<SpanRecord>& records, int32_t index) {
  const SpanRecord& record = records[static_cast<size_t>(index)];
  return (record.parent < 0 ? "" : path_of(records, record.parent) + "/") + record.name;
}

// The work of every span of a proof less that of the spans inside it, summed by path, one line each.
std::string count(const std::string& name) {
  const std::shared_ptr<Device> device = make_reference_backend()->open(0).take();
  const auto key = test_case::read_key(name, *device, Context{});
  std::vector<AirTrace> traces = test_case::read_traces(name, key->vk, *device, Context{});
  const Context context;
  ProveOptions options;
  options.verify_after = false;
  (void)prove(*device, device->load_key(key, context).take(), std::move(traces), options, context);

  const std::vector<SpanRecord>& records = context.spans->records();
  std::vector<WorkCounts> own;
  for (const SpanRecord& record : records) {
    own.push_back(record.work);
    if (record.parent >= 0) {
      WorkCounts& parent = own[static_cast<size_t>(record.parent)];
      parent = parent - record.work;
    }
  }
  std::map<std::string, WorkCounts> by_path;
  for (size_t i = 0; i < records.size(); ++i) {
    WorkCounts& total = by_path[path_of(records, static_cast<int32_t>(i))];
    total = total + own[i];
  }
  std::ostringstream lines;
  for (const auto& [path, counts] : by_path) {
    lines << name << '\t' << path << '\t' << counts.additions << '\t' << counts.multiplications << '\t'
          << counts.ext_multiplications << '\t' << counts.permutations << '\n';
  }
  return lines.str();
}

}  // namespace

TEST(Work, CountsWhatWasAskedFor) {
  using Counts = std::vector<uint64_t>;
  const auto counted = [](auto body) {
    const WorkCounts before = work_counts;
    body();
    const WorkCounts made = work_counts - before;
    return Counts{made.additions, made.multiplications, made.ext_multiplications, made.permutations};
  };
  const Fp x = Fp::from_u32(5);
  const Ext e(x, x, x, x);
  EXPECT_EQ(counted([&] { (void)(x + x - x); }), (Counts{2, 0, 0, 0}));
  EXPECT_EQ(counted([&] { (void)(x * x); }), (Counts{0, 1, 0, 0}));
  EXPECT_EQ(counted([&] { (void)(e * x); }), (Counts{0, 4, 0, 0}));
  EXPECT_EQ(counted([&] { (void)(e * e + e); }), (Counts{4, 0, 1, 0}));
  EXPECT_EQ(counted([&] {
              SpongeState state{};
              poseidon2_permute(state);
            }),
            (Counts{0, 0, 0, 1}));
}

TEST(Work, ReferenceBackendPerformsTheRecordedWork) {
  std::string seen = "case\tspan\tadditions\tmultiplications\text_multiplications\tpermutations\n";
  for (const char* name : kCases) seen += count(name);
  std::ifstream file(OPENSWIRL_COUNTS);
  const std::string recorded((std::istreambuf_iterator<char>(file)), {});
  if (seen == recorded) return;
  const std::string path = testing::TempDir() + "openswirl-work-counts.tsv";
  std::ofstream(path) << seen;
  FAIL() << "the counts differ from those in " << OPENSWIRL_COUNTS << "; those seen are in " << path;
}
