// swift-tools-version: 6.2
import PackageDescription

/// A package of somebody else's, which has the library's public functions and nothing more: `.ci/run` builds and runs it.
let package = Package(
  name: "outside",
  dependencies: [.package(name: "narrate", path: "../..")],
  targets: [
    .executableTarget(name: "Outside", dependencies: [.product(name: "Narration", package: "narrate")])
  ],
  swiftLanguageModes: [.v6]
)
