#include "runtime/cached_files.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "googletest.h"

namespace openswirl {
namespace {

TEST(CachedFiles, FolderOfTheFirstVariableThatIsSet) {
  const auto set = [](const char* cache, const char* xdg, const char* home) {
    setenv("OPENSWIRL_CACHE_DIR", cache, 1);
    setenv("XDG_CACHE_HOME", xdg, 1);
    setenv("HOME", home, 1);
  };
  set("/a", "/b", "/c");
  EXPECT_EQ(cache_folder(), "/a");
#ifdef __APPLE__
  set("", "/b", "/c");
  EXPECT_EQ(cache_folder(), "/c/Library/Caches/openswirl");
#else
  set("", "/b", "/c");
  EXPECT_EQ(cache_folder(), "/b/openswirl");
  set("", "", "/c");
  EXPECT_EQ(cache_folder(), "/c/.cache/openswirl");
#endif
  set("", "", "");
  EXPECT_EQ(cache_folder(), "");
}

TEST(CachedFiles, HashIsFnv1a) {
  EXPECT_EQ(cache_hash(""), "cbf29ce484222325");
  EXPECT_EQ(cache_hash("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(cache_hash("foobar"), "85944171f73967e8");
}

TEST(CachedFiles, ReadsAWholeFileWithItsZeros) {
  const std::string path = testing::TempDir() + "openswirl_cached_files_test_" + std::to_string(getpid());
  std::string content(200'000, 'x');
  content[7] = '\0';
  std::FILE* file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(std::fwrite(content.data(), 1, content.size(), file), content.size());
  std::fclose(file);
  EXPECT_EQ(read_file(path), content);
  std::remove(path.c_str());
  EXPECT_EQ(read_file(path), std::nullopt);
  EXPECT_EQ(read_file(testing::TempDir()), std::nullopt);  // a folder
}

TEST(CachedFiles, StoresAFileWholeOrSaysWhyNot) {
  const std::string folder = testing::TempDir() + "openswirl_stored_files_" + std::to_string(getpid());
  const std::string content("a\0b", 3);
  EXPECT_EQ(store_file(folder + "/below", "name", content), "");
  EXPECT_EQ(read_file(folder + "/below/name"), content);
  EXPECT_EQ(store_file(folder + "/below", "name", "other"), "");
  EXPECT_EQ(read_file(folder + "/below/name"), "other");
  EXPECT_NE(store_file(folder + "/below/name", "x", content).find("cannot be made"), std::string::npos);
  EXPECT_NE(store_file(folder, "below", content).find("cannot be written"), std::string::npos);  // a folder
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1u) << "no temporary file is left";
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace openswirl
