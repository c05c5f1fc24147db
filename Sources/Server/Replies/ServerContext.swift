import Foundation
import Hummingbird
import Logging
import NIOCore

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

  /// Closes the connection soon, as there is a body on its way that nobody wants. Until then it is read and thrown away, so that a
  /// client which sends to the end before it listens hears the answer.
  func close() {
    channel.eventLoop.scheduleTask(in: .seconds(3)) { [channel] in channel.close(promise: nil) }
  }
}
