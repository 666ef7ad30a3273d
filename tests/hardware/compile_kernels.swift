// Compiles the kernels as a running program does, makes every pipeline, and runs one kernel whose right values are
// known: whether the GPU of this machine, which may be a virtual one, computes at all.
//
// Usage: swift compile_kernels.swift kernels.metal
// Prints one line per problem and "canary right" or "canary wrong: why". Exits 1 if a kernel does not compile.
import Foundation
import Metal

let words = 1000
let value: UInt32 = 0xC0FF_EE07

func canary(_ device: MTLDevice, _ pipeline: MTLComputePipelineState) -> String {
  guard let queue = device.makeCommandQueue(), let commands = queue.makeCommandBuffer(),
    let buffer = device.makeBuffer(length: 4 * words, options: .storageModeShared),
    let encoder = commands.makeComputeCommandEncoder()
  else { return "wrong: no command buffer" }
  let arguments: [UInt32] = [UInt32(words), value]  // MemoryFillArgs
  encoder.setComputePipelineState(pipeline)
  encoder.setBuffer(buffer, offset: 0, index: 0)
  encoder.setBytes(arguments, length: 8, index: 1)
  encoder.dispatchThreadgroups(
    MTLSize(width: (words + 255) / 256, height: 1, depth: 1),
    threadsPerThreadgroup: MTLSize(width: 256, height: 1, depth: 1))
  encoder.endEncoding()
  commands.commit()
  commands.waitUntilCompleted()
  if let error = commands.error { return "wrong: \(error.localizedDescription)" }
  let got = buffer.contents().bindMemory(to: UInt32.self, capacity: words)
  for i in 0..<words where got[i] != value { return "wrong: word \(i) is \(got[i]), not \(value)" }
  return "right"
}

guard CommandLine.arguments.count == 2, let device = MTLCreateSystemDefaultDevice() else {
  print("canary wrong: no Metal device, or no file given")
  exit(CommandLine.arguments.count == 2 ? 0 : 2)
}
print("device: \(device.name)")
let options = MTLCompileOptions()
options.languageVersion = .version3_1
var failed = false
do {
  let text = try String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8)
  let library = try device.makeLibrary(source: text, options: options)
  var fill: MTLComputePipelineState?
  for name in library.functionNames.sorted() {
    do {
      let pipeline = try device.makeComputePipelineState(function: library.makeFunction(name: name)!)
      print("\(name): groups of up to \(pipeline.maxTotalThreadsPerThreadgroup) threads")
      if name == "memory_fill" { fill = pipeline }
    } catch {
      print("\(name): \(error.localizedDescription)")
      failed = true
    }
  }
  if let fill = fill {
    print("canary \(canary(device, fill))")
  } else {
    print("canary wrong: no kernel memory_fill")
  }
} catch {
  print("the kernels do not compile: \(error.localizedDescription)")
  failed = true
}
exit(failed ? 1 : 0)
