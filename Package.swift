// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6)]

let package = Package(
  name: "lmz",
  products: [
    .executable(name: "lmz", targets: ["cli"]),
    .library(name: "LMZ", targets: ["LMZ"]),
    .library(name: "lmzc", type: .dynamic, targets: ["LibLMZ"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "CKernels"),
    .target(
      name: "CModels",
      exclude: [
        "small.safetensors", "nano.safetensors", "small.ngrams", "nano.ngrams",
        "mixing-shared.parameters", "mixing-first.parameters", "mixing-second.parameters",
        "mixing-third.parameters", "mixing-fourth.parameters", "mixing-fifth.parameters",
        "mixing-sixth.parameters", "mixing-seventh.parameters",
      ]),
    .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: strict),
    .target(name: "LM", dependencies: ["Kernels"], swiftSettings: strict),
    .target(name: "Codec", dependencies: ["CKernels", "Kernels"], swiftSettings: strict),
    .target(
      name: "LMZ", dependencies: ["Adapt", "CModels", "Codec", "Kernels", "LM"],
      swiftSettings: strict),
    .target(
      name: "LibLMZ", dependencies: ["Kernels", "LMZ"], exclude: ["lmz.h"], swiftSettings: strict),
    .target(name: "Adapt", dependencies: ["Kernels", "LM"], swiftSettings: strict),
    .target(name: "Figures", swiftSettings: strict),
    .target(
      name: "Studies", dependencies: ["Adapt", "Figures", "Kernels", "LM", "LMZ"],
      swiftSettings: strict),
    .executableTarget(
      name: "cli",
      dependencies: [
        "Adapt", "Figures", "LMZ", "Studies",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "kernel-benchmark", dependencies: ["Kernels"], path: "Benchmarks/Kernels",
      swiftSettings: strict),
    .executableTarget(
      name: "mixing-tuner",
      dependencies: ["LMZ", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Benchmarks/Mixing", exclude: ["README.md"], swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["LM", "LMZ"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "LMTests", dependencies: ["LM", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "AdaptTests", dependencies: ["Adapt", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "CodecTests", dependencies: ["Codec", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "LMZTests", dependencies: ["LMZ", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "StudiesTests", dependencies: ["Studies", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "FiguresTests", dependencies: ["Figures"], swiftSettings: strict),
    .testTarget(name: "cliTests", dependencies: ["cli", "TestSupport"], swiftSettings: strict),
  ]
)
