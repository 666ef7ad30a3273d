// Mistakes of a host that uses Metal directly, each of which the fake device must refuse: what backends/metal
// is held to by it.
#include "fake_metal.h"
#include "googletest.h"
#include "gpu/kernel_info.h"
#include "gpu/kernels.h"
#include "metal/apple.h"

namespace {

using openswirl::metal::apple_string;
using openswirl::metal::AutoreleaseScope;
namespace calls = openswirl::gpu;

constexpr MTL::ResourceOptions kOptions =
    MTL::ResourceStorageModeShared | MTL::ResourceHazardTrackingModeUntracked;
constexpr uint32_t kWords = 512;

class HostErrors : public testing::Test {
 protected:
  explicit HostErrors(int macos = 15) {
    fake_metal::reset({.macos = macos});
    device = NS::TransferPtr(MTL::CreateSystemDefaultDevice());
    queue = NS::TransferPtr(device->newCommandQueue(16));
    fence = NS::TransferPtr(device->newFence());
    std::string text;
    for (const auto& source : openswirl::gpu::kernel_sources()) {
      if (std::string(source.family) == "memory") text = source.text;
    }
    library = compile(text);
    fill = pipeline(library.get(), "memory_fill");
    copy = pipeline(library.get(), "memory_copy");
    a = buffer(), b = buffer();
  }

  NS::SharedPtr<MTL::Library> compile(const std::string& text) {
    const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
    options->setLanguageVersion(MTL::LanguageVersion3_1);
    options->setFastMathEnabled(false);
    NS::Error* error = nullptr;
    auto compiled = NS::TransferPtr(device->newLibrary(apple_string(text), options.get(), &error));
    EXPECT_TRUE(static_cast<bool>(compiled)) << openswirl::metal::text_of(error);
    return compiled;
  }
  NS::SharedPtr<MTL::ComputePipelineState> pipeline(MTL::Library* of, const char* name) {
    const auto function = NS::TransferPtr(of->newFunction(apple_string(name)));
    const auto descriptor = NS::TransferPtr(MTL::ComputePipelineDescriptor::alloc()->init());
    descriptor->setComputeFunction(function.get());
    NS::Error* error = nullptr;
    return NS::TransferPtr(
        device->newComputePipelineState(descriptor.get(), MTL::PipelineOptionNone, nullptr, &error));
  }
  NS::SharedPtr<MTL::Buffer> buffer() { return NS::TransferPtr(device->newBuffer(4 * kWords, kOptions)); }

  void encode_fill(MTL::ComputeCommandEncoder* encoder, const MTL::Buffer* to, size_t group = 256,
                   size_t bytes = sizeof(calls::MemoryFillArgs), size_t offset = 0) {
    const calls::MemoryFillArgs args[600] = {{kWords / 2, 7}};
    encoder->setComputePipelineState(fill.get());
    encoder->setBuffer(to, offset, 0);
    encoder->setBytes(args, bytes, 1);
    encoder->dispatchThreadgroups(MTL::Size(1, 1, 1), MTL::Size(group, 1, 1));
  }
  void encode_copy(MTL::ComputeCommandEncoder* encoder, const MTL::Buffer* from, const MTL::Buffer* to) {
    const calls::MemoryCopyArgs args = {kWords / 2};
    encoder->setComputePipelineState(copy.get());
    encoder->setBuffer(from, 0, 0);
    encoder->setBuffer(to, 0, 1);
    encoder->setBytes(&args, sizeof(args), 2);
    encoder->dispatchThreadgroups(MTL::Size(1, 1, 1), MTL::Size(256, 1, 1));
  }

  // Runs a command buffer; what the device had against it.
  template <class Body>
  std::string complaint(const Body& body) {
    MTL::CommandBuffer* commands = queue->commandBufferWithUnretainedReferences();
    body(commands);
    commands->commit();
    commands->waitUntilCompleted();
    EXPECT_EQ(commands->status() == MTL::CommandBufferStatusError, commands->error() != nullptr);
    return commands->error() ? openswirl::metal::text_of(commands->error()) : std::string();
  }
  template <class Body>
  std::string encoder_complaint(const Body& body) {
    return complaint([&](MTL::CommandBuffer* commands) {
      MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder(MTL::DispatchTypeConcurrent);
      body(encoder);
      encoder->endEncoding();
    });
  }

  AutoreleaseScope scope;
  NS::SharedPtr<MTL::Device> device;
  NS::SharedPtr<MTL::CommandQueue> queue;
  NS::SharedPtr<MTL::Fence> fence;
  NS::SharedPtr<MTL::Library> library;
  NS::SharedPtr<MTL::ComputePipelineState> fill, copy;
  NS::SharedPtr<MTL::Buffer> a, b;
};

class HostErrorsOnMacos14 : public HostErrors {
 protected:
  HostErrorsOnMacos14() : HostErrors(14) {}
};

constexpr const char* kUnordered = "which nothing orders before";

}  // namespace

TEST_F(HostErrors, AMissingBarrier) {
  const auto dependent = [&](bool barrier) {
    return encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) {
      encode_fill(encoder, a.get());
      if (barrier) encoder->memoryBarrier(MTL::BarrierScopeBuffers);
      encode_copy(encoder, a.get(), b.get());
    });
  };
  EXPECT_CONTAINS(dependent(false), kUnordered);
  EXPECT_EQ(dependent(true), "");
}

TEST_F(HostErrors, ABarrierIsMissingBeforeAWriteToo) {
  EXPECT_CONTAINS(encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) {
                    encode_copy(encoder, a.get(), b.get());
                    encode_fill(encoder, a.get());
                  }),
                  kUnordered);
}

TEST_F(HostErrors, EncodersWithoutAFence) {
  const auto two = [&](bool fenced) {
    return complaint([&](MTL::CommandBuffer* commands) {
      MTL::ComputeCommandEncoder* first = commands->computeCommandEncoder(MTL::DispatchTypeConcurrent);
      encode_fill(first, a.get());
      if (fenced) first->updateFence(fence.get());
      first->endEncoding();
      MTL::ComputeCommandEncoder* second = commands->computeCommandEncoder(MTL::DispatchTypeConcurrent);
      if (fenced) second->waitForFence(fence.get());
      second->memoryBarrier(MTL::BarrierScopeBuffers);  // orders its own commands alone
      encode_copy(second, a.get(), b.get());
      second->endEncoding();
    });
  };
  EXPECT_CONTAINS(two(false), kUnordered);
  EXPECT_EQ(two(true), "");
}

TEST_F(HostErrors, CommandBuffersWithoutAFence) {
  const auto two = [&](bool fenced) {
    MTL::CommandBuffer* first = queue->commandBufferWithUnretainedReferences();
    MTL::ComputeCommandEncoder* encoder = first->computeCommandEncoder(MTL::DispatchTypeConcurrent);
    encode_fill(encoder, a.get());
    if (fenced) encoder->updateFence(fence.get());
    encoder->endEncoding();
    first->commit();
    const std::string said = encoder_complaint([&](MTL::ComputeCommandEncoder* second) {
      if (fenced) second->waitForFence(fence.get());
      encode_copy(second, a.get(), b.get());
    });
    EXPECT_EQ(first->status(), MTL::CommandBufferStatusCompleted);
    return said;
  };
  EXPECT_CONTAINS(two(false), kUnordered);
  EXPECT_EQ(two(true), "");  // after the two before it, which the host has waited for
}

TEST_F(HostErrors, AFenceThatNobodyUpdated) {
  EXPECT_CONTAINS(encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) {
                    encoder->waitForFence(fence.get());
                    encode_fill(encoder, a.get());
                  }),
                  "a fence that nobody updated");
}

TEST_F(HostErrors, ABufferReleasedTooEarly) {
  EXPECT_CONTAINS(encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) {
                    const auto short_lived = buffer();
                    encode_fill(encoder, short_lived.get());
                  }),
                  "to was released before the command ran");
}

TEST_F(HostErrors, ArgumentsOfAnotherSize) {
  EXPECT_CONTAINS(
      encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) { encode_fill(encoder, a.get(), 256, 4); }),
      "its arguments have 8 bytes, 4 are bound");
  EXPECT_CONTAINS(encoder_complaint(
                      [&](MTL::ComputeCommandEncoder* encoder) { encode_fill(encoder, a.get(), 256, 4100); }),
                  "setBytes takes up to 4 KiB");
}

TEST_F(HostErrors, GroupsAndOffsets) {
  EXPECT_CONTAINS(
      encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) { encode_fill(encoder, a.get(), 512); }),
      "a group of 512 threads, the pipeline allows 256");
  EXPECT_CONTAINS(
      encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) { encode_fill(encoder, a.get(), 48); }),
      "a group of 48 threads, the kernel is written for 256");
  EXPECT_CONTAINS(
      encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) { encode_fill(encoder, a.get(), 0); }),
      "a group of 0 threads");
  EXPECT_CONTAINS(encoder_complaint(
                      [&](MTL::ComputeCommandEncoder* encoder) { encode_fill(encoder, a.get(), 256, 8, 2); }),
                  "not a multiple of 4");
  EXPECT_CONTAINS(encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) {
                    encode_fill(encoder, a.get(), 256, 8, 1536);
                  }),
                  "writes outside of its buffers");
}

TEST_F(HostErrors, TextsThatAreNotShipped) {
  const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
  options->setLanguageVersion(MTL::LanguageVersion3_1);
  options->setFastMathEnabled(false);
  NS::Error* error = nullptr;
  EXPECT_FALSE(device->newLibrary(apple_string("// another text"), options.get(), &error));
  EXPECT_CONTAINS(openswirl::metal::text_of(error), "does not ship this text");
}

namespace {

// Reads a word at an address, which nothing binds.
const char* const kReader = R"(
struct ReaderArgs { u64 address; };
KERNEL(reader, 64, BUF(0, DEVICE u32* out), ARGS(1, ReaderArgs, args)) {
  if (gpu_gid.x == 0) gpu_store(out, gpu_load(gpu_address(args.address)));
}
)";

}  // namespace

TEST_F(HostErrorsOnMacos14, MemoryThatIsNotResident) {
  const auto reading = compile(std::string(openswirl::gpu::kernel_prelude()) + kReader);
  const auto reader = pipeline(reading.get(), "reader");
  const auto read = [&](bool named) {
    return encoder_complaint([&](MTL::ComputeCommandEncoder* encoder) {
      const uint64_t address = a->gpuAddress();
      encoder->setComputePipelineState(reader.get());
      encoder->setBuffer(b.get(), 0, 0);
      encoder->setBytes(&address, sizeof(address), 1);
      if (named) encoder->useResource(a.get(), MTL::ResourceUsageRead);
      encoder->dispatchThreadgroups(MTL::Size(1, 1, 1), MTL::Size(64, 1, 1));
    });
  };
  EXPECT_CONTAINS(read(false), "reads outside of its buffers");
  EXPECT_EQ(read(true), "");
}

using FakeMetalDeath = HostErrorsOnMacos14;

TEST_F(FakeMetalDeath, SelectorsOfLaterSystems) {
  const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
  EXPECT_DEATH(options->setMathMode(MTL::MathModeSafe), "unrecognized selector on macOS 14");
  const MTL::Buffer* gone = buffer().get();
  EXPECT_DEATH(gone->length(), "to a dead MTLBuffer");
}
