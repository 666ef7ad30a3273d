// backends/metal on a fake machine of the test's choice.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "devices.h"
#include "fake_metal.h"
#include "googletest.h"
#include "metal/backend.h"

namespace fake_metal_test {

using namespace openswirl;

// Sets a variable of the environment for its life.
class Setting {
 public:
  Setting(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Setting() { unsetenv(name_); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* name_;
};

// Every test has a machine of its own, a kernel cache of its own, and must leave no violation.
class FakeMetal : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("openswirl-fake-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    setenv("OPENSWIRL_CACHE_DIR", folder_.c_str(), 1);
    setenv("OPENSWIRL_TUNING", "off", 1);  // there is nothing to be learnt from times of an emulator
    fake_metal::reset();
  }
  void TearDown() override {
    for (const std::string& what : fake_metal::violations()) ADD_FAILURE() << "violation: " << what;
    unsetenv("OPENSWIRL_CACHE_DIR");
    std::filesystem::remove_all(folder_);
  }
  const std::filesystem::path& cache() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

inline Result<std::shared_ptr<Device>> try_open() { return make_metal_backend()->open(0); }
inline std::shared_ptr<Device> open() { return try_open().take(); }

}  // namespace fake_metal_test
