// The kernels on disk: found again, made again when the system, the GPU or the file is another one, and never
// in the way.
#include <fstream>

#include "fake_device.h"
#include "runtime/notices.h"

using namespace openswirl;
using fake_metal::System;
using fake_metal_test::FakeMetal;
using fake_metal_test::Setting;

namespace {

size_t all_kernels() {
  size_t count = 0;
  for (const gpu::KernelInfo& info : gpu::kernel_infos()) count += info.variants.size();
  return count;
}

// Opens a device on a machine; how many kernels were compiled, the others came from the disk.
size_t compiled_on(const System& system) {
  fake_metal::reset(system);
  take_notices();
  take_news();
  const auto device = fake_metal_test::open();
  const fake_metal::Counts counts = fake_metal::counts();
  EXPECT_EQ(counts.compiled_pipelines + counts.archived_pipelines, all_kernels());
  EXPECT_TRUE(device->self_test(gpu_test::context()).ok());
  return counts.compiled_pipelines;
}

std::string notices() {
  std::string all;
  for (const std::string& notice : take_notices()) all += notice + "\n";
  return all;
}

std::filesystem::path only_file(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  EXPECT_EQ(files.size(), 1u);
  return files.at(0);
}

}  // namespace

TEST_F(FakeMetal, CompilesOnce) {
  EXPECT_EQ(compiled_on({}), all_kernels());
  EXPECT_EQ(notices(), "");
  const std::vector<std::string> news = take_news();
  EXPECT_EQ(news.at(0), "compiling GPU kernels for fake Apple GPU, once");
  EXPECT_CONTAINS(news.back(),
                  "compiled " + std::to_string(all_kernels()) + " GPU kernels for fake Apple GPU in");
  EXPECT_EQ(compiled_on({}), 0u);
  EXPECT_EQ(notices(), "");
  EXPECT_TRUE(take_news().empty());
}

TEST_F(FakeMetal, CompilesForEverySystemAndGpu) {
  compiled_on({});
  EXPECT_EQ(compiled_on({.build = "24B83"}), all_kernels());
  EXPECT_EQ(compiled_on({.name = "another GPU"}), all_kernels());
  EXPECT_EQ(compiled_on({}), 0u);
}

TEST_F(FakeMetal, ReplacesADamagedCache) {
  compiled_on({});
  std::ofstream(only_file(cache())) << "not an archive";
  EXPECT_EQ(compiled_on({}), all_kernels());
  EXPECT_CONTAINS(notices(), "cannot be used (invalid file); compiling again");
  EXPECT_EQ(compiled_on({}), 0u);
}

TEST_F(FakeMetal, CompletesACacheThatLacksKernels) {
  compiled_on({});
  std::ofstream(only_file(cache())) << "fake Metal archive 1\nntt_first\nmemory_copy\nend\n";
  const size_t compiled = compiled_on({});
  EXPECT_GT(compiled, 0u);
  EXPECT_LT(compiled, all_kernels());
  EXPECT_EQ(compiled_on({}), 0u);
}

TEST_F(FakeMetal, WorksWithoutACache) {
  // No folder can be made below a file; permissions would not stop an administrator.
  std::filesystem::create_directories(cache());
  std::ofstream(cache() / "file") << "";
  const Setting folder("OPENSWIRL_CACHE_DIR", (cache() / "file" / "below").string());
  EXPECT_EQ(compiled_on({}), all_kernels());
  EXPECT_CONTAINS(notices(), "kernels are not kept");
}
