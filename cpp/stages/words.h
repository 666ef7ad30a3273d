// Field elements as the Montgomery words that kernels read and write: an Fp is its word, an Ext its four
// words.
#pragma once

#include <cstdint>

#include "field/ext.h"
#include "hash/poseidon2.h"

namespace openswirl::stages {

inline uint32_t* words(Fp* data) { return reinterpret_cast<uint32_t*>(data); }
inline const uint32_t* words(const Fp* data) { return reinterpret_cast<const uint32_t*>(data); }
inline uint32_t* words(Ext* data) { return reinterpret_cast<uint32_t*>(data); }
inline const uint32_t* words(const Ext* data) { return reinterpret_cast<const uint32_t*>(data); }
inline uint32_t* words(Digest* data) { return reinterpret_cast<uint32_t*>(data); }
inline const uint32_t* words(const Digest* data) { return reinterpret_cast<const uint32_t*>(data); }

}  // namespace openswirl::stages
