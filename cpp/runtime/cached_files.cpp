#include "runtime/cached_files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

namespace openswirl {
namespace {

// A variable that is empty counts as not set.
const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? value : nullptr;
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

std::string cache_folder() {
  if (const char* folder = variable("OPENSWIRL_CACHE_DIR")) return folder;
  const char* home = variable("HOME");
#ifdef __APPLE__
  return home ? std::string(home) + "/Library/Caches/openswirl" : std::string();
#else
  if (const char* folder = variable("XDG_CACHE_HOME")) return std::string(folder) + "/openswirl";
  return home ? std::string(home) + "/.cache/openswirl" : std::string();
#endif
}

std::string cache_hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  std::string digits(16, '0');
  for (size_t i = digits.size(); i-- > 0; hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
  return digits;
}

std::optional<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return std::nullopt;
  std::string content;
  char part[1 << 16];
  while (const size_t count = std::fread(part, 1, sizeof(part), file.get())) content.append(part, count);
  if (std::ferror(file.get())) return std::nullopt;
  return content;
}

std::string store_file(const std::string& folder, const std::string& name, std::string_view content) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return folder + ": cannot be made (" + error.message() + ")";
  std::string temporary = folder + "/.new-XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) return folder + ": cannot be written (" + std::strerror(errno) + ")";
  const bool written = write_all(file, content);
  const bool closed = close(file) == 0;
  if (written && closed && std::rename(temporary.c_str(), (folder + "/" + name).c_str()) == 0) return {};
  const std::string why = std::strerror(errno);
  unlink(temporary.c_str());
  return folder + ": cannot be written (" + why + ")";
}

}  // namespace openswirl
