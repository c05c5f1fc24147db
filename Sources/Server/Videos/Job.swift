import Files
import Foundation
import Narration
import Reports
import Synchronization

/// Work on a video that somebody asked for and comes back to.
package final class Job: Sendable {
  package enum Kind: String, Sendable { case label, summarize }

  /// What came of it.
  package struct Result: Sendable {
    package let json: JSON
    /// By their names, in order.
    package var files: [(name: String, bytes: [UInt8])] = []

    package init(json: JSON, files: [(name: String, bytes: [UInt8])] = []) {
      (self.json, self.files) = (json, files)
    }

    var byteCount: Int { files.reduce(json.text.utf8.count) { $0 + $1.bytes.count } }
  }

  package enum State: Sendable {
    case queued
    case running(VideoProgress?)
    case done(Result)
    case failed(Problem)
    case cancelled

    package var name: String {
      switch self {
      case .queued: "queued"
      case .running: "running"
      case .done: "done"
      case .failed: "failed"
      case .cancelled: "cancelled"
      }
    }

    var isOver: Bool {
      switch self {
      case .queued, .running: false
      case .done, .failed, .cancelled: true
      }
    }
  }

  private struct Stored {
    var state = State.queued
    var ended: ContinuousClock.Instant?
    var task: Task<Void, Never>?
    var listeners: [Int: AsyncStream<State>.Continuation] = [:]
    var last = 0
  }

  /// 128 random bits: who does not know it does not find it.
  package let id: String
  let kind: Kind
  private let stored = Mutex(Stored())

  package init(_ kind: Kind) {
    let bits = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    id = [bits.0, bits.1].map { String(format: "%016llx", $0) }.joined()
    self.kind = kind
  }

  package var state: State { stored.withLock(\.state) }
  var ended: ContinuousClock.Instant? { stored.withLock(\.ended) }

  /// Begins the work.
  package func start(_ work: @escaping @Sendable (Job) async throws -> Result) {
    let task = Task {
      do {
        change(.done(try await work(self)))
      } catch {
        let problem = Problem(error)
        change(problem.kind == "cancelled" ? .cancelled : .failed(problem))
      }
    }
    stored.withLock { $0.task = task }
  }

  func cancel() { stored.withLock(\.task)?.cancel() }

  /// What is over stays so.
  package func change(_ state: State) {
    let listeners: [AsyncStream<State>.Continuation] = stored.withLock { stored in
      guard !stored.state.isOver else { return [] }
      stored.state = state
      if state.isOver { stored.ended = .now }
      return Array(stored.listeners.values)
    }
    for listener in listeners {
      listener.yield(state)
      if state.isOver { listener.finish() }
    }
  }

  /// What it is now and becomes, the newest where there were several meanwhile, to the end.
  package var states: AsyncStream<State> {
    let (stream, listener) = AsyncStream.makeStream(of: State.self, bufferingPolicy: .bufferingNewest(1))
    let number = stored.withLock { stored in
      stored.last += 1
      listener.yield(stored.state)
      if stored.state.isOver { listener.finish() } else { stored.listeners[stored.last] = listener }
      return stored.last
    }
    listener.onTermination = { [weak self] _ in
      self?.stored.withLock { _ = $0.listeners.removeValue(forKey: number) }
    }
    return stream
  }

  /// The object that tells of it.
  package var json: JSON {
    let state = state
    var fields: [(key: String, value: JSON)] = [
      ("id", .string(id)), ("kind", .string(kind.rawValue)), ("status", .string(state.name)),
    ]
    switch state {
    case .running(let progress?): fields += Self.fields(progress)
    case .failed(let problem): fields.append(("error", problem.json["error"] ?? .null))
    case .done(let result): fields.append(("result", result.json))
    case .queued, .running, .cancelled: break
    }
    return .object(fields)
  }

  static func fields(_ progress: VideoProgress) -> [(key: String, value: JSON)] {
    [
      ("seconds", .rounded(progress.seconds, places: 2)),
      ("duration", progress.duration.map { .rounded($0, places: 2) } ?? .null),
      ("fraction", progress.fraction.map { .rounded($0, places: 4) } ?? .null),
    ]
  }

  /// A server-sent event (HTML Living Standard, 9.2).
  package func event(_ state: State) -> String {
    let (name, data): (String, JSON) =
      switch state {
      case .queued: ("progress", .object([("status", .string("queued"))]))
      case .running(let progress):
        ("progress", .object([("status", .string("running"))] + (progress.map(Self.fields) ?? [])))
      case .done, .failed, .cancelled: (state.name, json)
      }
    return "event: \(name)\ndata: \(data.text)\n\n"
  }
}

/// The jobs that are known, and what came of them, within limits.
package final class Jobs: Sendable {
  private let limits: ServerSettings.Limits
  private let jobs = Mutex<[Job]>([])

  package init(_ limits: ServerSettings.Limits) { self.limits = limits }

  package subscript(id: String) -> Job? {
    sweep()
    return jobs.withLock { jobs in jobs.first { $0.id == id } }
  }

  var states: [String: Int] {
    jobs.withLock { jobs in jobs.reduce(into: [:]) { $0[$1.state.name, default: 0] += 1 } }
  }

  package func add(_ job: Job) {
    sweep()
    jobs.withLock { $0.append(job) }
  }

  package func forget(_ job: Job) {
    job.cancel()
    jobs.withLock { jobs in jobs.removeAll { $0 === job } }
  }

  func cancelAll() { for job in jobs.withLock(\.self) { job.cancel() } }

  /// Forgets what ended long ago, and the oldest results where they take too much.
  private func sweep() {
    jobs.withLock { jobs in
      jobs.removeAll { $0.ended.map { (ContinuousClock.now - $0) / .seconds(1) > limits.keeping } ?? false }
      var room = limits.results
      var kept: [Job] = []
      for job in jobs.reversed() {
        if case .done(let result) = job.state {
          room -= result.byteCount
          // The newest is kept in any case.
          if room < 0, kept.contains(where: { $0.state.isOver }) { continue }
        }
        kept.append(job)
      }
      // Failures are small, and yet somebody may ask for very many.
      jobs = Array(kept.prefix(1000).reversed())
    }
  }
}
