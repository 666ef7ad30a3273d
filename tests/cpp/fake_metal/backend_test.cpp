// What backends/metal makes of machines, systems and faults: devices and reasons, caches, typed errors.
#include "fake_device.h"

using namespace openswirl;
using fake_metal_test::FakeMetal;

TEST_F(FakeMetal, TestsItself) {
  const auto device = fake_metal_test::open();
  EXPECT_EQ(device->info().name, "metal:0");
  const Status status = device->self_test(gpu_test::context());
  EXPECT_TRUE(status.ok()) << status.failure().message;
}
