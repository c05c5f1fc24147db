import Files
import Foundation
import Narration

/// What a server serves, where, and how much of it.
package struct ServerSettings: Sendable {
  /// An address or a name to listen at.
  package var host = "127.0.0.1"
  /// 0 takes one that is free.
  package var port = 8300
  /// What every request must bring; needed to listen at other addresses than the machine's own.
  package var token: String?
  /// Folders whose pictures may be asked for by path.
  package var allowedFolders: [GivenPath] = []
  /// A catalogue to search.
  package var library: GivenPath?
  package var captionModel = ModelSource.default
  package var labelModel = ModelSource.default
  package var shotModel = ModelSource.default
  package var compute = ComputeOptions()
  /// The program's.
  package var version = ""
  package var limits = Limits()

  package init() {}

  /// All of them hold before memory is taken.
  package struct Limits: Sendable {
    /// Bytes of a picture, and of JSON that holds one.
    package var picture = 64 << 20
    /// Bytes of all requests that are in memory at the same time.
    package var pictures = 512 << 20
    /// Bytes of a video, which lies on the disk meanwhile.
    package var video = 2 << 30
    /// Pictures that wait.
    package var queue = 64
    /// Videos that wait.
    package var videos = 8
    /// Seconds of a video.
    package var duration = 4 * 3600.0
    /// Seconds until a body must have begun to come, and for which it may pause.
    package var pause = 15.0
    /// Bytes a second that a body comes with, in the mean.
    package var rate = 16 << 10
    /// Connections at the same time.
    package var connections = 20_000
    /// Seconds that a connection may be idle.
    package var idle = 75
    /// Bytes of the results that are kept of videos.
    package var results = 256 << 20
    /// Seconds that they are kept.
    package var keeping = 3600.0

    package init() {}
  }

  /// Whether nobody but this machine can reach it.
  var isLocal: Bool { Self.localNames.contains(host.lowercased()) }

  static let localNames: Set<String> = ["127.0.0.1", "::1", "[::1]", "localhost"]
}
