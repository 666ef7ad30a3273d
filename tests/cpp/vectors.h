// Reads the files of the test vectors (tests/vectors/README.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace vectors {

inline std::filesystem::path folder() { return OPENSWIRL_TEST_VECTORS; }

// Names of all cases, sorted.
inline std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What a proof takes: nothing to speak of, production parameters (Keccak-f), tens of millions of
// permutations.
enum class Effort { kSmall, kProduction, kPreset };
inline Effort effort(const std::string& name) {
  if (name.starts_with("preset_")) return Effort::kPreset;
  return name.starts_with("keccakf_") ? Effort::kProduction : Effort::kSmall;
}
inline std::vector<std::string> cases(std::initializer_list<Effort> efforts) {
  std::vector<std::string> names = cases();
  std::erase_if(names, [&](const std::string& name) {
    return std::find(efforts.begin(), efforts.end(), effort(name)) == efforts.end();
  });
  return names;
}

inline std::vector<uint8_t> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A NumPy array of format 1.0, C order, of u32 or u8 elements (widened to u32).
struct Array {
  std::vector<uint64_t> shape;
  std::vector<uint32_t> values;
};
inline Array read_npy(const std::filesystem::path& path) {
  const std::vector<uint8_t> bytes = read_bytes(path);
  const size_t header_len = bytes.at(8) | bytes.at(9) << 8;
  const std::string header(bytes.begin() + 10, bytes.begin() + 10 + static_cast<std::ptrdiff_t>(header_len));
  Array array;
  size_t at = header.find("'shape': (") + 10;
  const size_t end = header.find(')', at);
  size_t count = 1;
  while (at < end) {
    size_t used = 0;
    array.shape.push_back(std::stoull(header.substr(at, end - at), &used));
    count *= array.shape.back();
    at = header.find(',', at + used);
    if (at == std::string::npos || at >= end) break;
    for (++at; at < end && header[at] == ' ';) ++at;
  }
  const uint8_t* data = bytes.data() + 10 + header_len;
  array.values.resize(count);
  if (header.find("<u4") != std::string::npos) {
    std::memcpy(array.values.data(), data, count * 4);
  } else {
    for (size_t i = 0; i < count; ++i) array.values[i] = data[i];
  }
  return array;
}

}  // namespace vectors
