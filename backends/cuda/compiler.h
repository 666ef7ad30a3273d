// NVRTC, NVIDIA's compiler of CUDA C++ at run time, found with dlopen in the packages of PyPI or in an
// installed toolkit: kernel texts become machine code of one architecture.
#pragma once

#include <string>
#include <vector>

namespace openswirl::cuda {

class Compiler {
 public:
  // A compiler whose code a driver of this version (13000 is CUDA 13.0) loads: the newest that is found, or
  // the one that OPENSWIRL_NVRTC names. Throws Error{kDevice} that says what to install.
  explicit Compiler(int driver_version);

  // "NVRTC 12.9".
  std::string name() const;
  // Whether it can compile for this compute capability, 90 for 9.0.
  bool supports(int capability) const;
  // Machine code of the text. Thread-safe. Throws Error{kDevice} with the beginning of the compiler's
  // messages.
  std::vector<char> compile(const std::string& name, const std::string& text, int capability) const;

  // What code depends on beside text and architecture, in words.
  std::string fingerprint() const;

 private:
  using Code = int;  // nvrtcResult
  using Program = struct ProgramOfCompiler*;
  struct Entries {
    Code (*version)(int* major, int* minor);
    Code (*num_architectures)(int* count);
    Code (*architectures)(int* capabilities);
    Code (*create)(Program* program, const char* text, const char* name, int num_headers,
                   const char* const* headers, const char* const* include_names);
    Code (*destroy)(Program* program);
    Code (*compile)(Program program, int num_options, const char* const* options);
    Code (*log_size)(Program program, size_t* bytes);
    Code (*log)(Program program, char* log);
    Code (*code_size)(Program program, size_t* bytes);
    Code (*code)(Program program, char* code);
    const char* (*error_text)(Code code);
  };

  // Empty if the library is none; its version is read.
  bool load(const std::string& path, std::string& why);
  void check(Code code, const std::string& what) const;

  Entries entries_{};
  int major_ = 0, minor_ = 0;
};

}  // namespace openswirl::cuda
