import Compute
import Files
import Glibc
import Reports
import SystemPackage

/// A file's content and state when it was looked at.
package struct SeenFile: Sendable, Equatable {
  package let key: ContentKey
  package let stamp: FileStamp?
}

/// The files of a run that another one may have done already, known by their contents. Each is read when its turn comes: nothing is
/// kept of those before, but the contents.
package final class ResumedInputs: InputSource {
  /// Files looked at in one go as long as there is nothing to do.
  private static let most = 1024

  private let paths: FoundPaths
  private var done: DoneContents
  private let wanted: Inputs.Wanted
  private let shard: Shard?
  private let batch: Int
  private let readers: [ContentReader]
  private var place = 0
  private var stride: Int
  private var ready: [Input]
  private var passed = PassedFiles()

  /// - Parameters:
  ///   - shard: the part of all contents that is done; nil is all
  ///   - batch: inputs given at a time, at most
  ///   - threads: that look at files side by side
  package init(
    _ paths: FoundPaths, done: DoneContents, _ wanted: Inputs.Wanted = .picturesAndVideos,
    shard: Shard? = nil,
    batch: Int, threads: Int
  ) {
    (self.paths, self.done, self.wanted, self.shard, self.batch) = (paths, done, wanted, shard, batch)
    (stride, ready) = (batch, paths.failures)
    readers = (0..<threads).map { _ in ContentReader() }
  }

  package var total: Int? { paths.count + paths.failures.count }

  package func next(_ isWanted: () -> Bool) throws -> InputBatch? {
    while ready.count < batch, place < paths.count, passed.count < Self.most {
      guard isWanted() else { return nil }
      try Interruption.check()
      look()
    }
    if ready.isEmpty, passed.count == 0 { return nil }
    defer {
      ready.removeFirst(min(batch, ready.count))
      passed = PassedFiles()
    }
    return InputBatch(inputs: Array(ready.prefix(batch)), passed: passed)
  }

  /// Looks at the next files: more of them at a time where there was nothing to do, so that threads are worth it.
  private func look() {
    let end = min(place + stride, paths.count)
    let found = (place..<end).map { paths[$0] }
    place = end
    let before = ready.count
    let views = parallelMap(
      found, by: Array(readers.prefix(max(1, found.count / 16))), chunk: .max, progress: { _ in },
      work: { [wanted] reader, file in Self.view(file.path, isNamed: file.isNamed, wanted, reader) })
    for (file, view) in zip(found, views) { take(file.path, view) }
    stride = ready.count == before ? min(2 * stride, Self.most) : batch
  }

  private func take(_ path: GivenPath, _ view: View) {
    switch view {
    case .failure(let failure):
      if shard?.has(path) == false {
        passed.elsewhere += 1
      } else {
        ready.append(Input(path, failure: failure))
      }
    case .other(let isNamedOnly):
      passed.other += 1
      if isNamedOnly, passed.namedOnly.count < 3 { passed.namedOnly.append(path) }
    case .file(let seen):
      if shard?.has(seen.key) == false {
        passed.elsewhere += 1
      } else if done.failed.contains(seen.key) {
        passed.failed += 1
      } else if done.claim(seen.key) {
        var input = Input(path)
        input.seen = seen
        ready.append(input)
      } else {
        passed.done += 1
      }
    }
  }

  private enum View {
    case file(SeenFile)
    case other(isNamedOnly: Bool)
    case failure(InputFailure)
  }

  private static func view(
    _ path: GivenPath, isNamed: Bool, _ wanted: Inputs.Wanted, _ reader: ContentReader
  ) -> View {
    if isNamed, let type = (try? path.location.stat())?.type, type != .regular {
      return .failure(InputFailure(kind: .unsupported, message: "not a regular file, and --resume needs one"))
    }
    do throws(FileError) {
      let file = try OpenFile(regular: path.location, knownAs: path.text)
      let stamp = FileStamp(descriptor: file.number)
      var judgement = Inputs.Judgement.wanted
      let key = try reader.key(of: file) { start in
        if !isNamed { judgement = Inputs.judge(path, Array(start.prefix(Inputs.startLength)), wanted) }
        return judgement == .wanted
      }
      return key.map { View.file(SeenFile(key: $0, stamp: stamp)) }
        ?? .other(isNamedOnly: judgement == .namedOnly)
    } catch {
      // Some go while the folder is gone through.
      let isNone = [FileError.notRegular, EISDIR, ENOENT, ENXIO].contains(error.code)
      return isNone && !isNamed ? .other(isNamedOnly: false) : .failure(.unreadable(error.code))
    }
  }
}
