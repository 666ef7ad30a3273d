// What backends/metal makes of machines, systems and faults: devices and reasons, typed errors, what is left
// of a device after them.
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "fake_device.h"
#include "open_runtime.h"
#include "runtime/notices.h"

using namespace openswirl;
using fake_metal::Fault;
using fake_metal::System;
using fake_metal_test::FakeMetal;
using fake_metal_test::Setting;

namespace {

std::string reason_on(const System& system) {
  fake_metal::reset(system);
  const auto backend = make_metal_backend();
  EXPECT_TRUE(backend->devices().empty());
  return backend->unavailable_reason();
}

Failure failure_of(Status status) {
  EXPECT_FALSE(status.ok());
  return status.ok() ? Failure{} : status.failure();
}

Status self_test(Device& device) { return device.self_test(gpu_test::context()); }

}  // namespace

TEST_F(FakeMetal, NamesItsDevices) {
  fake_metal::reset({.devices = 2});
  const auto backend = make_metal_backend();
  const auto devices = backend->devices();
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0].name, "metal:0");
  EXPECT_EQ(devices[1].name, "metal:1");
  EXPECT_EQ(devices[0].description, "fake Apple GPU, Apple GPU family 8; not yet tried on hardware");
  EXPECT_EQ(devices[0].memory_bytes, System{}.working_set);
  EXPECT_EQ(backend->open(1).take()->info().name, "metal:1");
  EXPECT_EQ(backend->open(2).failure().kind, FailureKind::kDevice);
}

TEST_F(FakeMetal, SaysWhyThereIsNone) {
  EXPECT_CONTAINS(reason_on({.devices = 0}), "finds no GPU");
  EXPECT_CONTAINS(reason_on({.translated = true}), "Rosetta; install an arm64 Python");
  EXPECT_CONTAINS(reason_on({.family = 6}), "is not a GPU of Apple's family 7 (M1) or later");
  EXPECT_CONTAINS(reason_on({.unified_memory = false}), "does not share its memory");
}

TEST_F(FakeMetal, TestsItselfOnEverySystem) {
  for (const int macos : {14, 15, 26}) {
    for (const int family : {7, 9}) {
      fake_metal::reset({.macos = macos, .family = family});
      const auto device = fake_metal_test::open();
      const Status status = self_test(*device);
      EXPECT_TRUE(status.ok()) << macos << ": " << status.failure().message;
      EXPECT_GT(fake_metal::counts().dispatches, 0u);
      EXPECT_GT(fake_metal::counts().fence_waits, 0u);
    }
  }
}

TEST_F(FakeMetal, TimesVariantsWhenItIsOpened) {
  const auto dispatched = [] {
    fake_metal::reset();
    fake_metal_test::open();
    return fake_metal::counts().dispatches;
  };
  const uint64_t untuned = dispatched();
  const auto tuning_file = [&] {
    std::filesystem::path found;
    for (const auto& entry : std::filesystem::directory_iterator(cache())) {
      if (entry.path().filename().string().starts_with("tuning-")) found = entry.path();
    }
    return found;
  };
  EXPECT_EQ(tuning_file(), "");
  const Setting tuning("OPENSWIRL_TUNING", "on");
  EXPECT_GT(dispatched(), untuned);
  // Then it remembers, as long as the file is whole.
  EXPECT_EQ(dispatched(), untuned);
  ASSERT_NE(tuning_file(), "");
  std::ofstream(tuning_file()) << "something else";
  EXPECT_GT(dispatched(), untuned);
  EXPECT_EQ(dispatched(), untuned);
}

TEST_F(FakeMetal, TimesVariantsAgainAndSaysSo) {
  const Setting tuning("OPENSWIRL_TUNING", "again");
  for (int time = 0; time < 2; ++time) {
    fake_metal::reset();
    take_news();
    fake_metal_test::open();
    const std::vector<std::string> news = take_news();
    ASSERT_FALSE(news.empty());
    EXPECT_CONTAINS(news.back(), "metal:0 tuned, form of the permutation: ");
    EXPECT_CONTAINS(news.back(), "100 %");
  }
}

TEST_F(FakeMetal, RefusesOtherTunings) {
  const Setting tuning("OPENSWIRL_TUNING", "maybe");
  fake_metal::reset();
  const auto opened = fake_metal_test::try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_CONTAINS(opened.failure().message, "it must be off, on or again");
}

TEST_F(FakeMetal, AKernelThatDoesNotFitIsNamed) {
  fake_metal::reset({.max_group = 96});
  const auto opened = fake_metal_test::try_open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.failure().kind, FailureKind::kDevice);
  EXPECT_CONTAINS(opened.failure().message, "cannot run on fake Apple GPU: it takes so many registers");
  EXPECT_CONTAINS(opened.failure().message, "96 threads, it needs");
}

TEST_F(FakeMetal, CommandBufferErrorsAreNamedAndPass) {
  struct Expected {
    Fault fault;
    FailureKind kind;
    const char* text;
  };
  for (const Expected& expected :
       {Expected{Fault::kTimeout, FailureKind::kDevice, "timeout (2), Caused GPU Timeout Error"},
        Expected{Fault::kPageFault, FailureKind::kDevice, "page fault (3), Caused GPU Address Fault Error"},
        Expected{Fault::kOutOfMemory, FailureKind::kOutOfMemory, "out of memory (8), Insufficient Memory"}}) {
    const auto device = fake_metal_test::open();
    fake_metal::plan_fault(expected.fault);
    const Failure failure = failure_of(self_test(*device));
    EXPECT_EQ(failure.kind, expected.kind);
    EXPECT_EQ(failure.where, "metal:0");
    EXPECT_CONTAINS(failure.message, "[metal] metal:0 stopped command buffer");
    EXPECT_CONTAINS(failure.message, "field_base");  // a kernel that was in it
    EXPECT_CONTAINS(failure.message, expected.text);
    EXPECT_TRUE(self_test(*device).ok());  // on a new queue
  }
}

TEST_F(FakeMetal, ALostDeviceStaysLost) {
  const auto device = fake_metal_test::open();
  fake_metal::plan_fault(Fault::kDeviceRemoved);
  EXPECT_CONTAINS(failure_of(self_test(*device)).message, "device removed (11)");
  EXPECT_CONTAINS(failure_of(self_test(*device)).message, "device removed (11)");
}

TEST_F(FakeMetal, WorkThatNeverEndsIsGivenUp) {
  const uint64_t before = fake_metal::counts().live_bytes;
  {
    const Setting timeout("OPENSWIRL_METAL_TIMEOUT", "0.2");
    const auto device = fake_metal_test::open();
    fake_metal::plan_fault(Fault::kNeverCompletes);
    const Failure failure = failure_of(self_test(*device));
    EXPECT_EQ(failure.kind, FailureKind::kDevice);
    EXPECT_CONTAINS(failure.message, "has not finished command buffer");
    EXPECT_CONTAINS(failure.message,
                    "within 200 ms; the device is given up, and the memory of its work is not freed");
    EXPECT_CONTAINS(failure_of(self_test(*device)).message, "has not finished command buffer");
  }
  // What the GPU may still touch is there.
  EXPECT_GT(fake_metal::counts().live_bytes, before);
}

TEST_F(FakeMetal, TheTimeoutIsANumberOfSeconds) {
  for (const char* wrong : {"", "soon", "-1", "0", "inf", "3s"}) {
    const Setting timeout("OPENSWIRL_METAL_TIMEOUT", wrong);
    const auto opened = fake_metal_test::try_open();
    ASSERT_FALSE(opened.ok()) << wrong;
    EXPECT_EQ(opened.failure().kind, FailureKind::kInput);
    EXPECT_CONTAINS(opened.failure().message, "positive number of seconds");
  }
}

TEST_F(FakeMetal, MemoryIsRefusedBeforeTheWorkingSetIsFull) {
  fake_metal::reset({.working_set = 64 << 20, .max_buffer = 48 << 20});
  const auto runtime = fake_metal_test::open_runtime();
  const auto kept = runtime->allocate(40 << 20, false).take();
  const auto refused = runtime->allocate(32 << 20, false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().kind, FailureKind::kOutOfMemory);
  EXPECT_EQ(refused.failure().need, uint64_t{32} << 20);
  EXPECT_EQ(refused.failure().have, uint64_t{24} << 20);
  EXPECT_CONTAINS(refused.failure().message,
                  "32 MiB are needed and 24 MiB of the working set of 64 MiB are left");
  const auto too_large = runtime->allocate(50 << 20, false);
  ASSERT_FALSE(too_large.ok());
  EXPECT_CONTAINS(too_large.failure().message, "a buffer of 50 MiB exceeds the device's limit of 48 MiB");
  EXPECT_TRUE(runtime->allocate(24 << 20, false).ok());
}

TEST_F(FakeMetal, FreesEverything) {
  const uint64_t before = fake_metal::counts().live_bytes;
  {
    const auto device = fake_metal_test::open();
    EXPECT_TRUE(self_test(*device).ok());
    EXPECT_GT(fake_metal::counts().live_bytes, before);
  }
  EXPECT_EQ(fake_metal::counts().live_bytes, before);
}

TEST_F(FakeMetal, AForkedProcessIsTold) {
  auto device = fake_metal_test::open();
  auto runtime = fake_metal_test::open_runtime();
  auto memory = runtime->allocate(64, false).take();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto refused = runtime->allocate(64, false);
    const bool told = !refused.ok() && refused.failure().kind == FailureKind::kDevice &&
                      refused.failure().message.find("before this process was forked") != std::string::npos;
    const bool no_work = !runtime->submit({}).ok();
    // Nor may the device's things be given back.
    memory.reset();
    runtime.reset();
    device.reset();
    _exit(told && no_work ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
