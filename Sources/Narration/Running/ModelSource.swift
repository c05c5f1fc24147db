import Compute
import Foundation
import Models

/// Where a job's model comes from.
///
///     let usual = try await Captioner(.default)
///     let own = try await Captioner(.folder(URL(fileURLWithPath: "models/caption-everyday")))
public enum ModelSource: Sendable, Hashable {
  /// The first model of its kind that `ModelLibrary` finds: in `$NARRATE_MODELS`, then `./models`, then
  /// `../share/narrate/models` beside the running program.
  case `default`
  /// A model's folder.
  case folder(URL)

  /// The model's folder.
  package func folder(kind: ModelKind) throws(ModelError) -> URL {
    switch self {
    case .default: try ModelLibrary().first(kind: kind)
    case .folder(let url): url
    }
  }
}

/// What a job computes with. Results are the same for any number of threads.
///
///     let captioner = try await Captioner(.default, compute: .init(threads: 4, precision: .f32))
public struct ComputeOptions: Sendable, Hashable {
  /// Cores to use, 1 to 1024; nil is those that this process may use, its control groups' limits included.
  public var threads: Int?
  /// The numbers that a captioning model's encoder calculates in.
  public var precision: Precision

  /// See the properties.
  public init(threads: Int? = nil, precision: Precision = .auto) {
    (self.threads, self.precision) = (threads, precision)
  }

  var usedThreads: Int { threads.map(usableThreads) ?? availableCores() }
}
