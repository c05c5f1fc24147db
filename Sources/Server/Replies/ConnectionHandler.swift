import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// What a connection does before requests are answered, by the versions of HTTP/1 that clients speak (RFC 9110, RFC 9112).
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundOut = HTTPResponsePart

  /// Stands for a host where there is none, or more than one.
  static let noHost = "!"

  private let limit: Int
  /// Ends a connection whose client does not take what is written.
  private var end: Scheduled<Void>?
  /// Kept when the client has ended its sending, and is most likely gone; nil after that.
  private var gone: EventLoopPromise<Void>?

  /// When the client of a connection goes.
  static func gone(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.flatSubmit {
      guard let handler = try? channel.pipeline.syncOperations.handler(type: ConnectionHandler.self) else {
        return channel.closeFuture
      }
      return handler.gone?.futureResult ?? channel.eventLoop.makeSucceededVoidFuture()
    }
  }

  /// - Parameter limit: bytes of the longest body
  init(limit: Int) { self.limit = limit }

  func handlerAdded(context: ChannelHandlerContext) {
    gone = context.eventLoop.makePromise()
    // Behind the codec nobody knows the version any more.
    guard let codec = try? context.pipeline.syncOperations.handler(type: HTTP1ToHTTPServerCodec.self) else {
      return
    }
    try? context.pipeline.syncOperations.addHandler(VersionHandler(), position: .before(codec))
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    end?.cancel()
    end = nil
    if !context.channel.isWritable {
      end = context.eventLoop.scheduleTask(in: .seconds(30)) { [channel = context.channel] in
        channel.close(promise: nil)
      }
    }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end?.cancel()
    tellGone()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { tellGone() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { tellGone() }
    context.fireUserInboundEventTriggered(event)
  }

  private func tellGone() {
    gone?.succeed()
    gone = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Who asks whether to send a body is told so, unless it would be too long.
    if case .head(let head) = unwrapInboundIn(data),
      head.headerFields[.expect]?.lowercased() == "100-continue",
      head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= limit
    {
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
    context.fireChannelRead(data)
  }
}

/// Sees requests as they came.
private final class VersionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    let connection = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
    // A client of version 1.0 waits for the connection's end, unless it says that it will not.
    if head.version == .http1_0, !connection.contains("keep-alive") {
      head.headers.replaceOrAdd(name: "connection", value: "close")
    }
    if head.headers["host"].count > 1 {
      head.headers.replaceOrAdd(name: "host", value: ConnectionHandler.noHost)
    } else if let authority = Self.authority(head.uri) {
      head.headers.replaceOrAdd(name: "host", value: authority)
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  /// Of a target that names one, which counts for more than the field.
  private static func authority(_ target: String) -> String? {
    guard !target.hasPrefix("/"), let start = target.range(of: "://")?.upperBound else { return nil }
    return String(target[start...].prefix { !"/?#".contains($0) })
  }
}
