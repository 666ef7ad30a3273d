// Numbers and addresses as kernels take them.
#include "gpu/elements.h"

#include "googletest.h"

using namespace openswirl;

TEST(GpuElements, NumbersThatDoNotFitAreRefused) {
  EXPECT_EQ(gpu::u32_of(0xffffffff), 0xffffffffu);
  try {
    gpu::u32_of(uint64_t{1} << 32);
    ADD_FAILURE() << "2^32 fits";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure().kind, FailureKind::kUnsupported);
    EXPECT_NE(error.failure().message.find("4294967296"), std::string::npos);
  }
}

TEST(GpuElements, AddressesComeLowWordFirst) {
  EXPECT_EQ(gpu::words_of_address(0x123456789abcdef0), (std::array<uint32_t, 2>{0x9abcdef0, 0x12345678}));
}
