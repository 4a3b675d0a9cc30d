import Testing

@testable import Kernels

@Suite struct ArenaTests {
  /// Buffers of an arena are zeros, aligned, apart from each other, and outlive it.
  @Test func arenaKeepsBuffersApart() throws {
    var arena: Arena? = Arena()
    var buffers: [Buffer<Int32>] = []
    for count in [1, 16, 100_000, 600_000, 0, 17] {
      let buffer = try Buffer<Int32>(allocating: count, in: arena!)
      #expect(UInt(bitPattern: buffer.unchecked) % 64 == 0 && buffer.count == count)
      #expect((0..<count).allSatisfy { buffer.unchecked[$0] == 0 })
      for i in 0..<count { buffer[i] = Int32(buffers.count + 1) }
      buffers.append(buffer)
    }
    arena = nil
    for (i, buffer) in buffers.enumerated() {
      #expect((0..<buffer.count).allSatisfy { buffer.unchecked[$0] == Int32(i + 1) })
    }
    #expect(throws: OutOfMemory.self) { try Buffer<UInt8>(allocating: 1 << 62, in: Arena()) }
  }
}
