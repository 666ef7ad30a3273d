#include "code.h"

#include <cstring>
#include <regex>

#include "openswirl/failure.h"
#include "tests/cpp/host_compiler.h"

namespace fake_metal {
namespace {

using openswirl::gpu::Access;

constexpr uint32_t kMostThreadgroupBytes = 32 * 1024;

const openswirl::sim::Entry& entry_named(const char* symbol) {
  for (const auto& family : openswirl::sim::entry_families()) {
    for (const openswirl::sim::Entry& entry : family) {
      if (std::strcmp(entry.symbol, symbol) == 0) return entry;
    }
  }
  throw openswirl::Error(openswirl::FailureKind::kInternal, std::string("no emulated kernel ") + symbol);
}

std::vector<std::shared_ptr<const Code>> shipped(const char* family) {
  std::vector<std::shared_ptr<const Code>> codes;
  for (const auto& info : openswirl::gpu::kernel_infos()) {
    if (std::strcmp(info.family, family) != 0) continue;
    for (const auto& variant : info.variants) {
      auto code = std::make_shared<Code>();
      code->symbol = variant.symbol;
      for (const auto& buffer : info.buffers) code->buffers.push_back({buffer.name, buffer.access});
      code->args_bytes = info.args_bytes;
      code->group = variant.group, code->threadgroup_bytes = variant.threadgroup_bytes;
      code->entry = entry_named(variant.symbol);
      codes.push_back(std::move(code));
    }
  }
  return codes;
}

// What the text itself says of its kernels, as Metal's compiler would read it.
std::vector<std::shared_ptr<const Code>> written(const std::string& text) {
  static const std::regex kernel(R"(KERNEL\(\s*(\w+)\s*,\s*(\d+)\s*,([^{]*)\)\s*\{)");
  static const std::regex buffer(R"(BUF\(\d+,\s*DEVICE\s+(const\s+)?\w+\s*\*\s*(\w+)\))");
  std::vector<std::shared_ptr<Code>> codes;
  openswirl::gpu::KernelText source;
  source.name = "a text of run time", source.text = text;
  const size_t prelude = openswirl::gpu::kernel_prelude().size();
  for (auto found =
           std::sregex_iterator(text.begin() + static_cast<std::ptrdiff_t>(prelude), text.end(), kernel);
       found != std::sregex_iterator(); ++found) {
    auto code = std::make_shared<Code>();
    code->symbol = (*found)[1];
    code->group = static_cast<uint32_t>(std::stoul((*found)[2]));
    code->threadgroup_bytes = kMostThreadgroupBytes;
    const std::string parameters = (*found)[3];
    for (auto b = std::sregex_iterator(parameters.begin(), parameters.end(), buffer);
         b != std::sregex_iterator(); ++b) {
      code->buffers.push_back({(*b)[2], (*b)[1].matched ? Access::kRead : Access::kReadWrite});
    }
    source.kernels.push_back({code->symbol, {}, 0, code->group, code->threadgroup_bytes});
    codes.push_back(std::move(code));
  }
  const openswirl::sim::CompiledText compiled = host_compiler::compile(source);
  for (size_t i = 0; i < codes.size(); ++i) {
    codes[i]->entry = compiled.entries[i];
    codes[i]->args_bytes = static_cast<uint32_t>(compiled.entries[i].args_bytes);
    codes[i]->library = compiled.library;
  }
  return {codes.begin(), codes.end()};
}

}  // namespace

std::vector<std::shared_ptr<const Code>> compile_text(const std::string& text, std::string& error) {
  for (const auto& source : openswirl::gpu::kernel_sources()) {
    if (source.text == text) return shipped(source.family);
  }
  if (!text.starts_with(openswirl::gpu::kernel_prelude())) {
    error = "the package does not ship this text, and it does not begin with the headers of one of run time";
    return {};
  }
  try {
    return written(text);
  } catch (const openswirl::Error& failed) {
    error = failed.what();
    return {};
  }
}

}  // namespace fake_metal
