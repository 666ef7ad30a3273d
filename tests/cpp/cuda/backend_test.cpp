// Which devices the backend lists, why it lists none, what its cache of compiled kernels does.
#include "cuda/backend.h"

#include <cstdio>
#include <fstream>

#include "devices.h"
#include "googletest.h"
#include "gpu/kernel_info.h"
#include "runtime/library_folders.h"

using namespace openswirl;
using cuda_test::fake;

namespace {

// The reason in a process of its own that has set things up, because a process loads the driver once.
void expect_reason(const std::function<void()>& set_up, const std::string& expression) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        cuda_test::use_fake();
        set_up();
        const auto backend = make_cuda_backend();
        std::fprintf(stderr, "%zu devices: %s\n", backend->devices().size(),
                     backend->unavailable_reason().c_str());
        std::exit(0);  // which removes the folder of a set-up
      },
      testing::ExitedWithCode(0), "^0 devices: " + expression);
}

size_t files_in(const std::filesystem::path& folder) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(entry.path().extension(), ".cubin");
    ++count;
  }
  return count;
}

class CudaCache : public testing::Test {
 protected:
  CudaCache() {
    setenv("OPENSWIRL_CACHE_DIR", folder_.path().c_str(), 1);
    take_notices();
    take_news();
  }
  // How many texts the compiler sees when a device is opened.
  static int compiled_by_opening() {
    const int before = fake().compiled;
    cuda_test::make_runtime();
    return fake().compiled - before;
  }
  static int num_texts() { return static_cast<int>(gpu::kernel_sources().size()); }

  cuda_test::Folder folder_;
};

}  // namespace

TEST(CudaBackend, ListsEveryDevice) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        fake().devices = 2;
        const auto backend = make_cuda_backend();
        for (const DeviceInfo& info : backend->devices()) {
          std::fprintf(stderr, "%s is %s.", info.name.c_str(), info.description.c_str());
        }
        std::fprintf(stderr, "%s", backend->unavailable_reason().c_str());
        {
          const cuda_test::Folder folder;
          setenv("OPENSWIRL_CACHE_DIR", folder.path().c_str(), 1);
          std::fprintf(stderr, "second: %s\n", backend->open(1).take()->info().name.c_str());
          std::fprintf(stderr, "third: %s\n", backend->open(2).failure().message.c_str());
        }
        _exit(backend->score() > 0 ? 0 : 1);
      },
      testing::ExitedWithCode(0),
      "cuda:0 is Fake 0, sm_90, .*cuda:1 is Fake 1, sm_90, .*second: cuda:1\nthird: there is no device "
      "cuda:2");
}

TEST(CudaBackend, LeavesOutWhatItCannotUse) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        fake().devices = 2;
        fake().old_device = 0;
        const auto backend = make_cuda_backend();
        for (const DeviceInfo& info : backend->devices()) {
          std::fprintf(stderr, "%s is %s.\n", info.name.c_str(), info.description.c_str());
        }
        for (const std::string& notice : take_notices()) std::fprintf(stderr, "%s\n", notice.c_str());
        {
          const cuda_test::Folder folder;
          setenv("OPENSWIRL_CACHE_DIR", folder.path().c_str(), 1);
          std::fprintf(stderr, "opened %s\n", backend->open(0).take()->info().description.c_str());
        }
        _exit(backend->devices().size() == 1 ? 0 : 1);
      },
      testing::ExitedWithCode(0),
      "cuda:0 is Fake 1, .*\ncuda leaves out Fake 0 has compute capability 6.0; the kernels need 7.0\nopened "
      "Fake 1, ");
}

TEST(CudaBackend, SaysWhyThereIsNoDevice) {
  expect_reason([] { setenv("OPENSWIRL_CUDA_DRIVER", "/nowhere/libcuda.so.1", 1); },
                "no NVIDIA driver: /nowhere/libcuda.so.1");
  expect_reason([] { fake().fail_entry = "cuInit", fake().fail_code = 700; },
                "cuInit failed: CUDA_ERROR_ILLEGAL_ADDRESS");
  expect_reason([] { fake().devices = 0; }, "the NVIDIA driver lists no GPU");
  expect_reason([] { setenv("OPENSWIRL_NVRTC", "/nowhere/libnvrtc.so.12", 1); },
                "OPENSWIRL_NVRTC names no NVRTC: /nowhere/libnvrtc.so.12");
  expect_reason([] { fake().capability = 60; }, "Fake 0 has compute capability 6.0; the kernels need 7.0");
  expect_reason([] { fake().capability = 120; },
                "NVRTC 13.0 cannot compile for Fake 0 .sm_120.; pip install");
  expect_reason(
      [] {
        fake().driver_version = 12040;
        unsetenv("OPENSWIRL_NVRTC");
        // Beside each other, as a package has them.
        static const cuda_test::Folder folder;
        std::filesystem::create_symlink(OPENSWIRL_FAKE_CUDA, folder.path() / "libnvrtc.so.13");
        add_library_folder(folder.path());
      },
      "NVRTC 13.0 is newer than the driver, which is for CUDA 12.4; update the driver");
}

TEST_F(CudaCache, OnlyTheFirstOpeningCompiles) {
  EXPECT_EQ(compiled_by_opening(), num_texts());
  EXPECT_EQ(files_in(folder_.path()), static_cast<size_t>(num_texts()));
  const std::vector<std::string> news = take_news();
  EXPECT_EQ(news.at(0), "compiling texts of GPU kernels for Fake 0, once");
  EXPECT_CONTAINS(news.back(),
                  "compiled " + std::to_string(num_texts()) + " texts of GPU kernels for Fake 0 in");
  EXPECT_EQ(compiled_by_opening(), 0);
  EXPECT_TRUE(take_news().empty());
  fake().compiler_major = 12;  // another compiler's code
  EXPECT_EQ(compiled_by_opening(), num_texts());
  fake().compiler_major = 13;
  EXPECT_TRUE(take_notices().empty());
}

TEST_F(CudaCache, DamageIsNoticedAndMended) {
  compiled_by_opening();
  int damaged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const auto size = std::filesystem::file_size(entry.path());
    if (damaged == 0) std::filesystem::resize_file(entry.path(), size - 1);
    if (damaged == 1) std::filesystem::resize_file(entry.path(), 0);
    if (damaged >= 2 && damaged < 5) {
      // In the header, in what it was made from, in the code.
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(damaged == 2 ? 0 : damaged == 3 ? 100 : size - 1));
      file.put('\x7f');
    }
    ++damaged;
  }
  ASSERT_GE(damaged, 5);
  EXPECT_EQ(compiled_by_opening(), 5);
  const std::vector<std::string> notices = take_notices();
  ASSERT_EQ(notices.size(), 5u);
  for (const std::string& notice : notices) EXPECT_CONTAINS(notice, "is damaged; compiling again");
  EXPECT_EQ(compiled_by_opening(), 0);
}

TEST_F(CudaCache, AFolderThatCannotBeWrittenIsANotice) {
  std::ofstream(folder_.path() / "file") << "no folder";
  setenv("OPENSWIRL_CACHE_DIR", (folder_.path() / "file" / "cache").c_str(), 1);
  EXPECT_EQ(compiled_by_opening(), num_texts());
  const std::vector<std::string> notices = take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_CONTAINS(notices[0], "cannot be made");
}

TEST_F(CudaCache, TheCompilersMessagesAreShown) {
  fake().fail_entry = "nvrtcCompileProgram", fake().fail_code = 6;
  std::string message;
  try {
    cuda_test::make_runtime();
  } catch (const Error& error) {
    message = error.failure().message;
  }
  fake().fail_entry = nullptr;
  EXPECT_CONTAINS(message, "for sm_90 with NVRTC 13.0");
  EXPECT_CONTAINS(message, "(7): error: expected a ';'");
  EXPECT_CONTAINS(message, "NVRTC_ERROR_COMPILATION");
}
