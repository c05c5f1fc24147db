import Files
import Foundation
import Media
import Models
import Narration
import Reports
import SystemPackage

/// One picture or video to be captioned, or a path that came to nothing.
package struct Input: Sendable, Equatable {
  /// As it is told.
  package let path: GivenPath
  /// What is read; another one than is told where the bytes came by themselves.
  package let source: GivenPath
  /// Why there is no picture to be tried.
  package let failure: InputFailure?
  /// The files of a clip's frames, where they are kept as pictures; else empty.
  package let frames: [GivenPath]
  /// What the file was when it was looked at before, where its content is to be told.
  package var seen: SeenFile?
  /// The line that asked for it.
  package var request: Request?

  package init(
    _ path: GivenPath, source: GivenPath? = nil, failure: InputFailure? = nil, frames: [GivenPath] = []
  ) {
    self.path = path
    self.source = source ?? path
    self.failure = failure
    self.frames = frames
  }

  /// What is read of it.
  package var files: [GivenPath] { failure != nil ? [] : frames.isEmpty ? [path] : frames }
}

package enum Inputs {
  /// What is looked for in folders.
  package enum Wanted: String {
    case picturesAndVideos = "picture or video"
    case video

    func contains(_ kind: MediaKind?) -> Bool {
      switch kind {
      case .jpeg, .png, .picture: self == .picturesAndVideos
      case .video: true
      case nil: false
      }
    }
  }

  /// The files that the paths name, in the order given. A path that is a file is always tried; a folder
  /// gives the files in it and below that begin as a picture or a video does, or are named like one of a kind that has no
  /// beginning of its own, sorted by name.
  /// - Parameters:
  ///   - recursive: whether folders may be named at all
  ///   - passOver: told of files in folders that are named like pictures or videos and begin like none
  package static func find(
    _ paths: [GivenPath], recursive: Bool, _ wanted: Wanted = .picturesAndVideos,
    passOver: (GivenPath) -> Void = { _ in }
  ) -> [Input] {
    paths.flatMap { path -> [Input] in
      guard path.location.isFolder else { return [Input(path)] }
      guard recursive else {
        return [
          Input(path, failure: InputFailure(kind: .unsupported, message: "is a folder (use --recursive)"))
        ]
      }
      let found = files(in: path, wanted, passOver)
      guard found.isEmpty else { return found }
      return [
        Input(path, failure: InputFailure(kind: .empty, message: "no \(wanted.rawValue) in this folder"))
      ]
    }
  }

  private static func files(
    in folder: GivenPath, _ wanted: Wanted, _ passOver: (GivenPath) -> Void
  ) -> [Input] {
    let names: [[UInt8]]
    do {
      names = try folder.location.entries().map(\.bytes)
    } catch {
      return [Input(folder, failure: .unreadable(error.code))]
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { name -> [Input] in
      let path = folder.appending(name)
      // A link to a folder is not followed: it could lead back up.
      if path.location.kind == .directory { return files(in: path, wanted, passOver) }
      guard (try? path.location.stat())?.type == .regular else { return [] }
      do throws(InputFailure) {
        return try isWanted(path, wanted, passOver) ? [Input(path)] : []
      } catch {
        return [Input(path, failure: error)]
      }
    }
  }

  private static func isWanted(
    _ path: GivenPath, _ wanted: Wanted, _ passOver: (GivenPath) -> Void
  ) throws(InputFailure) -> Bool {
    switch judge(path, try start(of: path), wanted) {
    case .wanted: return true
    case .namedOnly: passOver(path)
    case .other: break
    }
    return false
  }

  /// What a file in a folder is to those who look for pictures or videos.
  enum Judgement {
    case wanted
    /// Called like one, and begins like none.
    case namedOnly
    case other
  }

  /// - Parameter start: `startLength` bytes of the file, or all that there are
  static func judge(_ path: GivenPath, _ start: [UInt8], _ wanted: Wanted) -> Judgement {
    if let kind = MediaKind(start) { return wanted.contains(kind) ? .wanted : .other }
    switch MediaNames.claim(path.location.extension ?? "", start) {
    case .still: return wanted == .picturesAndVideos ? .wanted : .other
    case .video: return .wanted
    case .otherwise(let isVideo): return isVideo || wanted == .picturesAndVideos ? .namedOnly : .other
    case nil: return .other
    }
  }

  /// Bytes of a file's beginning that it is judged by.
  static let startLength = max(MediaNames.length, MediaKind.signatureLength)

  private static func start(of path: GivenPath) throws(InputFailure) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(path.location, .readOnly, options: .closeOnExec)
      defer { try? file.close() }
      var start = [UInt8](repeating: 0, count: startLength)
      let count = try start.withUnsafeMutableBytes { try file.read(into: $0) }
      return Array(start.prefix(count))
    } catch {
      throw .unreadable((error as? Errno ?? .ioError).rawValue)
    }
  }
}

extension Console {
  /// Finds the inputs; what was passed over becomes one line.
  func find(_ paths: [GivenPath], recursive: Bool, _ wanted: Inputs.Wanted) -> [Input] {
    var passedOver: [GivenPath] = []
    let inputs = Inputs.find(paths, recursive: recursive, wanted) { passedOver.append($0) }
    if !passedOver.isEmpty {
      let names = passedOver.prefix(3).map(\.text).joined(separator: ", ")
      let files = passedOver.count == 1 ? "1 file" : "\(passedOver.count) files"
      log(
        "warning",
        "\(files) passed over, named like a \(wanted.rawValue) and beginning like none: \(names)"
          + (passedOver.count > 3 ? ", …" : ""))
    }
    return inputs
  }
}
