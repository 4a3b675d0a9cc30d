// swift-tools-version: 6.1
import PackageDescription

// A package of its own, as all that it is linked with must be built with -sanitize=fuzzer (see `run`).
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "lmz", path: "..")],
  targets: [
    .target(name: "CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", .product(name: "LMZ", package: "lmz")],
      swiftSettings: [.swiftLanguageMode(.v6)]),
  ]
)
