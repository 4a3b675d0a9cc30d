import CFuzzer
import Foundation

// fuzz TARGET MODEL [options of libFuzzer] [corpus directories]
guard CommandLine.arguments.count > 2, let name = Target(rawValue: CommandLine.arguments[1]) else {
  let names = Target.allCases.map(\.rawValue).joined(separator: "|")
  FileHandle.standardError.write(Data("usage: fuzz \(names) MODEL [options]\n".utf8))
  exit(1)
}
try Fixture.load(name, modelFile: CommandLine.arguments[2])

var arguments = ([CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(3)).map { strdup($0) }
var count = Int32(arguments.count)
arguments.append(nil)
let status = arguments.withUnsafeMutableBufferPointer { buffer in
  var start = buffer.baseAddress
  return LLVMFuzzerRunDriver(&count, &start) { data, size in
    Fixture.run(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
  }
}
exit(status)
