// Proofs of the vectors' cases through the CUDA runtime: the recorded bytes, on memory that the host does not
// share.
#include "prover/prove.h"

#include "devices.h"
#include "googletest.h"
#include "prover/case.h"

using namespace openswirl;
using test_case::prove_case, test_case::recorded_proof;

namespace {

#ifdef __SANITIZE_ADDRESS__
// One case of so many: all of them run through the kernels in the emulator's own tests with sanitizers.
constexpr size_t kStep = 3;
#else
constexpr size_t kStep = 1;
#endif

std::vector<std::string> cases() {
  const std::vector<std::string> all = vectors::cases({vectors::Effort::kSmall});
  std::vector<std::string> names;
  for (size_t i = 0; i < all.size(); i += kStep) names.push_back(all[i]);
  return names;
}

class ProveOnCuda : public testing::TestWithParam<std::string> {
 protected:
  // All tests compile once.
  static void SetUpTestSuite() { folder_ = std::make_unique<cuda_test::Folder>(); }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::shared_ptr<Device> open() {
    cuda_test::fake();
    setenv("OPENSWIRL_CACHE_DIR", folder_->path().c_str(), 1);
    return make_cuda_backend()->open(0).take();
  }
  static inline std::unique_ptr<cuda_test::Folder> folder_;
};

}  // namespace

TEST_P(ProveOnCuda, MakesTheRecordedBytes) {
  const auto device = open();
  EXPECT_TRUE(prove_case(GetParam(), *device, cuda_test::context()) == recorded_proof(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Cases, ProveOnCuda, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param; });

TEST_P(ProveOnCuda, MakesTheRecordedBytesWithExactAllocationsAndWithoutTheHost) {
  setenv("OPENSWIRL_HOST_TAIL", "off", 1);
  setenv("OPENSWIRL_HOST_SEARCH", "off", 1);
  setenv("OPENSWIRL_POOL", "off", 1);
  const auto device = open();
  unsetenv("OPENSWIRL_HOST_TAIL");
  unsetenv("OPENSWIRL_HOST_SEARCH");
  unsetenv("OPENSWIRL_POOL");
  // And side streams run as early as they may here, as late as they may above.
  cuda_test::fake().newest_first = true;
  const auto proof = prove_case(GetParam(), *device, cuda_test::context());
  cuda_test::fake().newest_first = false;
  EXPECT_TRUE(proof == recorded_proof(GetParam()));
}
