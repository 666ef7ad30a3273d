#!/usr/bin/env python3
"""Makes everything that C++ needs of the kernels from kernels.json and the kernel texts.

Usage: kernel_tables.py OUTPUT_FOLDER
  gpu/kernels.h           the kernels by name, one call structure each, the argument structures
  gpu/kernel_tables.cpp   buffers, group sizes, threadgroup memory; the amalgamated source of every family
  sim/<family>.cpp        the family as host C++, with the entry points that the emulator calls
  kernels.metal           all families in one text, as the package ships it
Fails if a kernel text and the manifest differ.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

METAL = Path(__file__).resolve().parent
ACCESS = {"read": "kRead", "write": "kWrite", "read_write": "kReadWrite"}
PRELUDE = "generated.h"  # of texts that are written at run time
MAX_BUFFERS = 30  # Metal has 31 slots and the arguments take one
MAX_THREADGROUP_BYTES = 32 * 1024
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
KERNEL = re.compile(r"^KERNEL\((\w+),\s*(\d+),(.*?)\)\s*\{", re.MULTILINE | re.DOTALL)
BUFFER = re.compile(r"BUF\((\d+),\s*DEVICE\s+(const\s+)?\w+\*\s+(\w+)\)")
ARGUMENTS = re.compile(r"ARGS\((\d+),\s*(\w+),\s*\w+\)")


@dataclass(frozen=True)
class Variant:
    name: str  # empty if there is only one
    symbol: str
    group: int
    threadgroup_bytes: int


@dataclass(frozen=True)
class Kernel:
    name: str
    family: str
    buffers: dict[str, str]  # name -> access
    args: str
    variants: tuple[Variant, ...]

    @property
    def type_name(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))


def read_manifest() -> list[Kernel]:
    kernels = []
    for family, entries in json.loads((METAL / "kernels.json").read_text()).items():
        for entry in entries:
            forms = entry.get("variants", {"": entry})
            variants = tuple(
                Variant(
                    form,
                    f"{entry['name']}_{form}" if form else entry["name"],
                    v["group"],
                    v["threadgroup_bytes"],
                )
                for form, v in forms.items()
            )
            kernels.append(Kernel(entry["name"], family, entry["buffers"], entry["args"], variants))
    return kernels


def differences(kernels: list[Kernel]) -> list[str]:
    """Where manifest and kernel texts differ."""
    declared = {variant.symbol: (kernel, variant) for kernel in kernels for variant in kernel.variants}
    found: list[str] = []
    seen = set()
    for path in sorted((METAL / "kernels").glob("*.metal")):
        for symbol, group, parameters in KERNEL.findall(path.read_text()):
            seen.add(symbol)
            if symbol not in declared:
                found.append(f"{path.name}: kernel {symbol} is not in kernels.json")
                continue
            kernel, variant = declared[symbol]
            buffers = {
                name: (int(index), "read" if const else "any")
                for index, const, name in BUFFER.findall(parameters)
            }
            expected = {
                name: (i, "read" if access == "read" else "any")
                for i, (name, access) in enumerate(kernel.buffers.items())
            }
            arguments = ARGUMENTS.findall(parameters)
            if kernel.family != path.stem:
                found.append(f"{path.name}: kernel {symbol} belongs to family {kernel.family}")
            if buffers != expected:
                found.append(f"{path.name}: buffers of {symbol} are {buffers}, kernels.json says {expected}")
            if arguments != [(str(len(expected)), kernel.args)]:
                found.append(f"{path.name}: {symbol} must end with ARGS({len(expected)}, {kernel.args}, ...)")
            if int(group) != variant.group:
                found.append(f"{path.name}: group of {symbol} is {group}, kernels.json says {variant.group}")
    found += [f"kernels.json: no kernel text for {symbol}" for symbol in sorted(set(declared) - seen)]
    for kernel in kernels:
        if not 0 < len(kernel.buffers) <= MAX_BUFFERS:
            found.append(f"kernels.json: {kernel.name} must have 1 to {MAX_BUFFERS} buffers")
        for variant in kernel.variants:
            if variant.threadgroup_bytes > MAX_THREADGROUP_BYTES:
                found.append(f"kernels.json: {variant.symbol} takes more than 32 KiB of threadgroup memory")
            if variant.group <= 32 or variant.group > 1024 or variant.group % 32 != 0:
                found.append(
                    f"kernels.json: group of {variant.symbol} must be a multiple of 32 in 64 .. 1024"
                )
    return found


def amalgamate(path: Path, included: set[str]) -> str:
    """The text with our own includes in their place, each once; those of other folders stay."""
    lines = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        header = METAL / "include" / match[1] if match else None
        if header is None or not header.exists():
            lines.append(line)
        elif header.name not in included:
            included.add(header.name)
            lines += [
                f'#line 1 "{header.name}"',
                amalgamate(header, included),
                f'#line {number + 1} "{path.name}"',
            ]
    return "\n".join(lines)


def family_source(family: str, included: set[str]) -> str:
    return f'#line 1 "{family}.metal"\n' + amalgamate(METAL / "kernels" / f"{family}.metal", included) + "\n"


def literal(text: str) -> str:
    """A C++ literal; in pieces, because compilers limit the length of one."""
    lines = text.splitlines(keepends=True)
    pieces = ["".join(lines[i : i + 100]) for i in range(0, len(lines), 100)]
    return "\n".join(f'R"kernel({piece})kernel"' for piece in pieces)


def calls_header(kernels: list[Kernel]) -> str:
    arguments = "\n".join(path.read_text() for path in sorted((METAL / "include").glob("*_args.h")))
    calls = []
    for kernel in kernels:
        ranges = ", ".join(kernel.buffers)
        calls.append(
            f"struct {kernel.type_name} {{\n  Range {ranges};\n  {kernel.args} args;\n"
            f"  Call call() const {{ return Call(Kernel::k{kernel.type_name}, {{{ranges}}}, args); }}\n}};\n"
        )
    enumerators = ", ".join(f"k{kernel.type_name}" for kernel in kernels)
    return f"""// Made by metal/kernel_tables.py.
#pragma once

#include "gpu/call.h"

namespace openswirl::gpu {{

enum class Kernel : uint16_t {{ {enumerators} }};
inline constexpr size_t kNumKernels = {len(kernels)};

using u32 = uint32_t;
using u64 = uint64_t;

{arguments}
namespace calls {{

{"".join(calls)}
}}  // namespace calls
}}  // namespace openswirl::gpu
"""


def tables_source(kernels: list[Kernel], families: list[str]) -> str:
    buffers, variants, infos = [], [], []
    for kernel in kernels:
        entries = ", ".join(
            f'{{"{name}", Access::{ACCESS[access]}}}' for name, access in kernel.buffers.items()
        )
        buffers.append(f"constexpr BufferInfo kBuffers{kernel.type_name}[] = {{{entries}}};")
        entries = ", ".join(
            f'{{"{v.name}", "{v.symbol}", {v.group}, {v.threadgroup_bytes}}}' for v in kernel.variants
        )
        variants.append(f"constexpr VariantInfo kVariants{kernel.type_name}[] = {{{entries}}};")
        infos.append(
            f'    {{"{kernel.name}", "{kernel.family}", kBuffers{kernel.type_name}, sizeof({kernel.args}), '
            f"kVariants{kernel.type_name}}},"
        )
    sources = "".join(
        f'    {{"{family}", {literal(family_source(family, set()))}}},\n' for family in families
    )
    prelude = amalgamate(METAL / "include" / PRELUDE, {PRELUDE}) + "\n"
    newline = "\n"
    return f"""// Made by metal/kernel_tables.py.
#include "gpu/kernel_info.h"
#include "gpu/kernels.h"

namespace openswirl::gpu {{
namespace {{

{newline.join(buffers)}
{newline.join(variants)}

constexpr KernelInfo kInfos[] = {{
{newline.join(infos)}
}};

constexpr KernelSource kSources[] = {{
{sources}}};

constexpr std::string_view kPrelude = {literal(prelude)};

}}  // namespace

std::span<const KernelInfo> kernel_infos() {{ return kInfos; }}
const KernelInfo& kernel_info(Kernel kernel) {{ return kInfos[static_cast<size_t>(kernel)]; }}
std::span<const KernelSource> kernel_sources() {{ return kSources; }}
std::string_view kernel_prelude() {{ return kPrelude; }}

}}  // namespace openswirl::gpu
"""


def emulated_source(family: str, kernels: list[Kernel]) -> str:
    entries = "".join(
        f'    make_entry<&::{v.symbol}>("{v.symbol}"),\n'
        for k in kernels
        if k.family == family
        for v in k.variants
    )
    return f"""// Made by metal/kernel_tables.py.
#include "{family}.metal"

#include "sim/entry.h"

namespace openswirl::sim {{

extern const Entry k{family.capitalize()}Entries[];
extern const size_t k{family.capitalize()}Count;

const Entry k{family.capitalize()}Entries[] = {{
{entries}}};
const size_t k{family.capitalize()}Count = std::size(k{family.capitalize()}Entries);

}}  // namespace openswirl::sim
"""


def emulated_index(families: list[str]) -> str:
    names = [family.capitalize() for family in families]
    declared = "".join(f"extern const Entry k{n}Entries[];\nextern const size_t k{n}Count;\n" for n in names)
    listed = "".join(f"    result.emplace_back(k{n}Entries, k{n}Count);\n" for n in names)
    return f"""// Made by metal/kernel_tables.py.
#include "sim/entry.h"

namespace openswirl::sim {{

{declared}
std::span<const std::span<const Entry>> entry_families() {{
  static const std::vector<std::span<const Entry>> families = [] {{
    std::vector<std::span<const Entry>> result;
{listed}    return result;
  }}();
  return families;
}}

}}  // namespace openswirl::sim
"""


def write(path: Path, text: str) -> None:
    """Leaves an equal file alone, so that nothing is compiled again for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    kernels = read_manifest()
    problems = differences(kernels)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    output = Path(sys.argv[1])
    families = list(dict.fromkeys(kernel.family for kernel in kernels))
    write(output / "gpu" / "kernels.h", calls_header(kernels))
    write(output / "gpu" / "kernel_tables.cpp", tables_source(kernels, families))
    for family in families:
        write(output / "sim" / f"{family}.cpp", emulated_source(family, kernels))
    write(output / "sim" / "index.cpp", emulated_index(families))
    included: set[str] = set()
    write(output / "kernels.metal", "".join(family_source(family, included) for family in families))
    return 0


if __name__ == "__main__":
    sys.exit(main())
