import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What is known of a request beside itself.
struct ServerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: any Channel

  init(source: Source) {
    (coreContext, channel) = (.init(source: source), source.channel)
  }

  /// Who asks, by address: what a client may take is counted by it. Nil for those of the machine itself.
  var client: String? {
    guard let address = channel.remoteAddress?.ipAddress, address != "127.0.0.1", address != "::1" else {
      return nil
    }
    return address
  }

  /// Whether a body was read to its end; shared by all copies.
  let body = BodyProgress()

  /// Closes the connection soon, as there is a body on its way that nobody wants. Until then it is read and thrown away, so that a
  /// client which sends to the end before it listens hears the answer.
  func close() {
    channel.eventLoop.scheduleTask(in: .seconds(3)) { [channel] in channel.close(promise: nil) }
  }
}

final class BodyProgress: Sendable {
  private let isRead = Atomic(false)

  func end() { isRead.store(true, ordering: .relaxed) }

  /// Whether a request has a body, and some of it is still to come.
  func isLeft(of request: Request) -> Bool {
    let hasBody =
      request.headers[.transferEncoding] != nil
      || request.headers[.contentLength].map { Int($0) != 0 } ?? false
    return hasBody && !isRead.load(ordering: .relaxed)
  }
}
