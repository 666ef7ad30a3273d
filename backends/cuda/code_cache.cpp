#include "cuda/code_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runtime/notices.h"

namespace openswirl::cuda {
namespace {

constexpr char kMagic[8] = {'o', 's', 'w', 'c', 'o', 'd', 'e', '1'};

// FNV-1a; finds files and sees damage, and need not resist anybody who may write to the user's own folder.
uint64_t hash_of(const char* data, size_t size, uint64_t start) {
  uint64_t hash = start;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ static_cast<unsigned char>(data[i])) * 0x100000001b3u;
  return hash;
}
constexpr uint64_t kStart = 0xcbf29ce484222325u;

// Of a file: this header, what the code was made from, the code.
struct Header {
  char magic[8];
  uint64_t made_from_bytes, code_bytes, code_hash;
};

std::string hex(uint64_t value) {
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

void notice(const std::string& path, const std::string& what) {
  add_notice("kernel cache " + path + ": " + what);
}

bool write_all(int file, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(file, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written, size -= static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

CodeCache CodeCache::of_environment() {
  if (const char* folder = std::getenv("OPENSWIRL_CACHE_DIR"); folder && *folder) return CodeCache(folder);
  if (const char* folder = std::getenv("XDG_CACHE_HOME"); folder && *folder) {
    return CodeCache(std::string(folder) + "/openswirl");
  }
  if (const char* home = std::getenv("HOME"); home && *home) {
    return CodeCache(std::string(home) + "/.cache/openswirl");
  }
  return CodeCache(std::string());
}

std::string CodeCache::path(const std::string& name, const std::string& made_from) const {
  return folder_ + "/" + name + "-" + hex(hash_of(made_from.data(), made_from.size(), kStart)) + ".cubin";
}

std::optional<std::vector<char>> CodeCache::find(const std::string& name,
                                                 const std::string& made_from) const {
  if (folder_.empty()) return std::nullopt;
  const std::string file_path = path(name, made_from);
  std::ifstream file(file_path, std::ios::binary);
  if (!file) {
    std::error_code ignored;
    if (std::filesystem::exists(file_path, ignored)) notice(file_path, "cannot be read; compiling again");
    return std::nullopt;
  }
  const auto damaged = [&]() -> std::optional<std::vector<char>> {
    notice(file_path, "is damaged; compiling again");
    return std::nullopt;
  };
  Header header;
  if (!file.read(reinterpret_cast<char*>(&header), sizeof(header)) ||
      std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return damaged();
  }
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file_path, error);
  if (error || header.made_from_bytes > size || header.code_bytes > size ||
      size != sizeof(header) + header.made_from_bytes + header.code_bytes) {
    return damaged();
  }
  std::string stored(header.made_from_bytes, '\0');
  std::vector<char> code(header.code_bytes);
  if (!file.read(stored.data(), static_cast<std::streamsize>(stored.size())) ||
      !file.read(code.data(), static_cast<std::streamsize>(code.size())) ||
      hash_of(code.data(), code.size(), kStart) != header.code_hash) {
    return damaged();
  }
  if (stored != made_from) {
    if (path(name, stored) != file_path) return damaged();
    return std::nullopt;  // another text of the same hash; it is replaced
  }
  return code;
}

void CodeCache::store(const std::string& name, const std::string& made_from,
                      const std::vector<char>& code) const {
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return notice(folder_, "cannot be made (" + error.message() + "); kernels are not kept");
  std::string temporary = folder_ + "/.new-XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) {
    return notice(folder_,
                  std::string("cannot be written (") + std::strerror(errno) + "); kernels are not kept");
  }
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.made_from_bytes = made_from.size(), header.code_bytes = code.size();
  header.code_hash = hash_of(code.data(), code.size(), kStart);
  const bool written = write_all(file, reinterpret_cast<const char*>(&header), sizeof(header)) &&
                       write_all(file, made_from.data(), made_from.size()) &&
                       write_all(file, code.data(), code.size());
  const bool closed = close(file) == 0;
  if (!written || !closed || rename(temporary.c_str(), path(name, made_from).c_str()) != 0) {
    const std::string why = std::strerror(errno);
    unlink(temporary.c_str());
    notice(folder_, "cannot be written (" + why + "); kernels are not kept");
  }
}

}  // namespace openswirl::cuda
