#include "cuda/code_cache.h"

#include <cstdint>
#include <cstring>
#include <filesystem>

#include "runtime/cached_files.h"
#include "runtime/notices.h"

namespace openswirl::cuda {
namespace {

constexpr char kMagic[8] = {'o', 's', 'w', 'c', 'o', 'd', 'e', '2'};

// Of a file: this header, what the code was made from, the code.
struct Header {
  char magic[8];
  uint64_t made_from_bytes, code_bytes;
  char code_hash[16];
};

void notice(const std::string& path, const std::string& what) {
  add_notice("kernel cache " + path + ": " + what);
}

std::string file_name(const std::string& name, const std::string& made_from) {
  return name + "-" + cache_hash(made_from) + ".cubin";
}

}  // namespace

std::string CodeCache::path(const std::string& name, const std::string& made_from) const {
  return folder_ + "/" + file_name(name, made_from);
}

std::optional<std::vector<char>> CodeCache::find(const std::string& name,
                                                 const std::string& made_from) const {
  if (folder_.empty()) return std::nullopt;
  const std::string file_path = path(name, made_from);
  const std::optional<std::string> file = read_file(file_path);
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
  if (file->size() < sizeof(header)) return damaged();
  std::memcpy(&header, file->data(), sizeof(header));
  const uint64_t size = file->size() - sizeof(header);
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 || header.made_from_bytes > size ||
      header.code_bytes != size - header.made_from_bytes) {
    return damaged();
  }
  const std::string_view stored = std::string_view(*file).substr(sizeof(header), header.made_from_bytes);
  const std::string_view code = std::string_view(*file).substr(sizeof(header) + header.made_from_bytes);
  if (std::memcmp(header.code_hash, cache_hash(code).data(), sizeof(header.code_hash)) != 0) return damaged();
  if (stored != made_from) {
    if (path(name, std::string(stored)) != file_path) return damaged();
    return std::nullopt;  // another text of the same hash; it is replaced
  }
  return std::vector<char>(code.begin(), code.end());
}

void CodeCache::store(const std::string& name, const std::string& made_from,
                      const std::vector<char>& code) const {
  if (folder_.empty()) return;
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.made_from_bytes = made_from.size(), header.code_bytes = code.size();
  const std::string code_hash = cache_hash(std::string_view(code.data(), code.size()));
  std::memcpy(header.code_hash, code_hash.data(), sizeof(header.code_hash));
  std::string content(reinterpret_cast<const char*>(&header), sizeof(header));
  content += made_from;
  content.append(code.data(), code.size());
  const std::string problem = store_file(folder_, file_name(name, made_from), content);
  if (!problem.empty()) add_notice("kernel cache " + problem + "; kernels are not kept");
}

}  // namespace openswirl::cuda
