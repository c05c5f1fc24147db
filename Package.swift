// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
]

let algorithms: Target.Dependency = .product(name: "Algorithms", package: "swift-algorithms")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "narrate",
  products: [
    .executable(name: "narrate", targets: ["narrate"]),
    .library(name: "Narration", targets: ["Media", "Models", "Narration", "Reports"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // The tests of the program alone.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    // Documentation's pages alone.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"),
  ],
  targets: [
    .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    // Needs FFmpeg's headers, and links none of its libraries: they are loaded at first use.
    .target(name: "CFFmpeg"),
    // Needs Cairo's headers, and links no library: Cairo and Pango are loaded when first something is drawn.
    .target(name: "CCairo"),
    // Needs the headers of libheif, libtiff, libwebp, Little CMS and LibRaw, and links none of them: each is loaded at first use.
    .target(name: "CStills"),
    // Needs the header of libseccomp, and does not link it: it is loaded in confined processes alone.
    .target(name: "CSandbox"),
    // Needs exempi's headers, and does not link it: it is loaded when first a sidecar is read or written.
    .target(name: "CExempi"),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CKernels"),
    // Needs xxHash's header, and links nothing.
    .target(name: "CHash"),
    .target(name: "Files", dependencies: ["CHash", system], swiftSettings: strict),
    .target(name: "Tensors", swiftSettings: strict),
    .target(
      name: "Language", dependencies: ["Tensors", algorithms],
      resources: [.embedInCode("English/objects.txt"), .embedInCode("Translations/actions.tsv")],
      swiftSettings: strict),
    .target(
      name: "Media", dependencies: ["CFFmpeg", "CPNG", "CJPEG", "CSandbox", "CStills"], swiftSettings: strict),
    .target(name: "Drawing", dependencies: ["CCairo", "Media"], swiftSettings: strict),
    .target(name: "Compute", dependencies: ["CDNNL", "CKernels", "Tensors"], swiftSettings: strict),
    .target(
      name: "Networks", dependencies: ["CKernels", "Compute", "Files", "Tensors"], swiftSettings: strict),
    .target(name: "Scenes", dependencies: ["Media"], swiftSettings: strict),
    .target(
      name: "Models",
      dependencies: [
        "CKernels", "Compute", "Files", "Language", "Media", "Networks", "Scenes", "Tensors",
        algorithms, deque, system, .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "Narration",
      dependencies: [
        "Compute", "Files", "Language", "Media", "Models", "Networks", "Scenes", "Tensors", algorithms, deque,
      ],
      swiftSettings: strict),
    .target(
      name: "Catalogue",
      dependencies: ["Files", "Language", system, .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(
      name: "Reports",
      dependencies: [
        "Drawing", "Files", "Media", "Models", "Narration",
        algorithms, system, .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [
        .embedInCode("Templates/library.mustache"), .embedInCode("Templates/storyboard.mustache"),
      ], swiftSettings: strict),
    .target(name: "Tracking", dependencies: ["Files", "Media", "Models"], swiftSettings: strict),
    .target(name: "Metadata", dependencies: ["CExempi", "Files", "Language", system], swiftSettings: strict),
    .target(name: "Datasets", dependencies: ["Files", "Language", system], swiftSettings: strict),
    .target(
      name: "Training",
      dependencies: [
        "CKernels", "Compute", "Datasets", "Drawing", "Files", "Language", "Media", "Models", "Narration",
        "Networks", "Scenes", "Tensors", algorithms, system,
      ],
      swiftSettings: strict),
    .target(
      name: "Server",
      dependencies: [
        "Catalogue", "Files", "Language", "Media", "Models", "Narration", "Reports", deque, system,
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      resources: [
        .embedInCode("Page/app.js"), .embedInCode("Page/index.html"), .embedInCode("Page/style.css"),
        .embedInCode("Page/openapi.json"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "narrate",
      dependencies: [
        "Catalogue", "Compute", "Datasets", "Drawing", "Files", "Language", "Media", "Metadata", "Models",
        "Narration", "Networks", "Reports", "Scenes", "Server", "Tracking", "Training",
        algorithms, system, .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    .testTarget(
      name: "FilesTests", dependencies: ["Files", "TestSupport", system], swiftSettings: strict),
    .testTarget(
      name: "CatalogueTests",
      dependencies: ["Catalogue", "Files", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: strict),
    .testTarget(name: "ScenesTests", dependencies: ["Scenes", "Tensors"], swiftSettings: strict),
    .testTarget(
      name: "LanguageTests", dependencies: ["Language", "Tensors"], resources: [.copy("Fixtures")],
      swiftSettings: strict
    ),
    .testTarget(
      name: "MediaTests", dependencies: ["CFFmpeg", "Media", "TestSupport"], resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DrawingTests", dependencies: ["CCairo", "Drawing", "Media"], swiftSettings: strict),
    .testTarget(
      name: "ComputeTests", dependencies: ["CDNNL", "CKernels", "Compute", "Tensors", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "NetworksTests", dependencies: ["Compute", "Files", "Networks", "Tensors", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ModelsTests",
      dependencies: [
        "CKernels", "Compute", "Files", "Language", "Media", "Models", "Networks", "Scenes", "Tensors",
        "TestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "NarrationTests",
      dependencies: [
        "Compute", "Files", "Language", "Media", "Models", "Narration", "Networks", "Tensors",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Files", "Media", "Models", "Narration", "Reports", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "TrackingTests", dependencies: ["Tracking"], swiftSettings: strict),
    .testTarget(
      name: "MetadataTests", dependencies: ["Files", "Metadata", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Files", "Language", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Compute", "Datasets", "Drawing", "Files", "Language", "Media", "Models", "Narration", "Networks",
        "Scenes", "Tensors", "TestSupport", "Training",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ServerTests",
      dependencies: [
        "Files", "Narration", "Server", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "NarrateTests",
      dependencies: [
        "narrate", "Files", "Media", "Models", "Narration", "Reports", "TestSupport",
        algorithms, deque, system, .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
