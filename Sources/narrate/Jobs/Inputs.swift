import Files
import Foundation
import Media
import Models
import Narration
import Reports

/// One picture or video to be captioned, or a path that came to nothing.
package struct Input: Sendable, Equatable {
  package let path: FilePath
  /// Why there is no picture to be tried.
  package let failure: InputFailure?
  /// The files of a clip's frames, where they are kept as pictures; else empty.
  package let frames: [FilePath]

  package init(_ path: FilePath, failure: InputFailure? = nil, frames: [FilePath] = []) {
    self.path = path
    self.failure = failure
    self.frames = frames
  }

  package var isStandardInput: Bool { path.bytes == Array("-".utf8) }
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
  /// gives the files in it and below that begin as a picture or a video does, sorted by name.
  /// - Parameter recursive: whether folders may be named at all.
  package static func find(_ paths: [FilePath], recursive: Bool, _ wanted: Wanted = .picturesAndVideos)
    -> [Input]
  {
    paths.flatMap { path -> [Input] in
      guard path.isFolder else { return [Input(path)] }
      guard recursive else {
        return [
          Input(path, failure: InputFailure(kind: .unsupported, message: "is a folder (use --recursive)"))
        ]
      }
      let found = files(in: path, wanted)
      guard found.isEmpty else { return found }
      return [
        Input(path, failure: InputFailure(kind: .empty, message: "no \(wanted.rawValue) in this folder"))
      ]
    }
  }

  /// The file's device and number, which two names of one file share; nil if there is no such file.
  static func identity(_ path: FilePath) -> [UInt64]? {
    status(path).map { [UInt64($0.st_dev), UInt64($0.st_ino)] }
  }

  private static func status(_ path: FilePath) -> stat? {
    var status = stat()
    return path.withCString { stat($0, &status) } == 0 ? status : nil
  }

  private static func files(in folder: FilePath, _ wanted: Wanted) -> [Input] {
    let names: [[UInt8]]
    do {
      names = try folder.entries()
    } catch {
      return [Input(folder, failure: .unreadable(error.code))]
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { name -> [Input] in
      let path = folder.appending(name)
      var link = stat()
      guard path.withCString({ lstat($0, &link) }) == 0 else { return [] }
      // A link to a folder is not followed: it could lead back up.
      if link.st_mode & S_IFMT == S_IFDIR { return files(in: path, wanted) }
      guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return [] }
      do throws(InputFailure) {
        return try wanted.contains(kind(of: path)) ? [Input(path)] : []
      } catch {
        return [Input(path, failure: error)]
      }
    }
  }

  private static func kind(of path: FilePath) throws(InputFailure) -> MediaKind? {
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .unreadable(errno) }
    defer { close(descriptor) }
    var start = [UInt8](repeating: 0, count: MediaKind.signatureLength)
    let count = read(descriptor, &start, start.count)
    guard count >= 0 else { throw .unreadable(errno) }
    return MediaKind(start.prefix(count))
  }
}
