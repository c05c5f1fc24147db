import ArgumentParser
import Catalogue
import Drawing
import Files
import Media
import Models
import Narration
import Networks
import Reports
import Training

/// How a run ended, for the calling program. The figures are those of `sysexits.h`.
package struct RunStatus: Error, Equatable {
  package let code: Int32

  package static let success = RunStatus(code: 0)
  /// At least one input failed; the others were done.
  package static let someInputsFailed = RunStatus(code: 1)
  package static let usage = RunStatus(code: 64)
  /// A model or data file is damaged or does not fit.
  package static let dataError = RunStatus(code: 65)
  /// A read or write failed.
  package static let inputOutputError = RunStatus(code: 74)

  /// Ended by a signal, as shells count it: 130 for Ctrl-C.
  package static func interrupted(by signal: Int32) -> RunStatus { RunStatus(code: 128 + signal) }

  /// The status for an error that ends a run.
  package init(for error: any Error) {
    switch error {
    case let status as RunStatus: self = status
    // `head` has enough: nothing is wrong.
    case let error as FileError where error.isReaderGone: self = .success
    case is FileError, is MemoryShortage: self = .inputOutputError
    case CatalogueError.missing: self = .usage
    case CatalogueError.busy, CatalogueError.inaccessible: self = .inputOutputError
    // What an option needs is not installed.
    case DrawingError.unavailable, is SandboxError: self = .usage
    case is DrawingError: self = .inputOutputError
    case is PrecisionError, is StyleError, is OptionError, is UnknownLanguage, is ValidationError:
      self = .usage
    case is ProcessError: self = .usage
    // What is left comes from the model: its own errors, and a network that does not fit its weights.
    default: self = .dataError
    }
  }

  private init(code: Int32) { self.code = code }

  /// Runs a command's work and ends the program with its status; an error is reported in one line.
  static func exit(reportingTo console: Console, _ work: () throws -> RunStatus) throws -> Never {
    var status: RunStatus
    do {
      status = try work()
    } catch {
      status = RunStatus(for: error)
      if !(error is RunStatus) && status != .success { console.report("\(error)") }
    }
    console.finish()
    throw ExitCode(status.code)
  }
}
