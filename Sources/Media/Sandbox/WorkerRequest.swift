/// What a confined process is asked for. Those of a video are about the one that was opened last.
enum WorkerRequest {
  /// The picture in the file whose descriptor comes with it.
  case still(DecodeOptions)
  /// Opens the video in the file whose descriptor comes with it.
  case video(VideoOptions)
  case advance
  case image(coveringSide: Int?)
  case skip(to: Double)
  case close

  private enum Kind: Int { case still, video, advance, image, skip, close }

  var message: Message {
    var message = Message()
    func begin(_ kind: Kind) { message.append(kind.rawValue) }
    switch self {
    case .still(let options):
      begin(.still)
      message.append(options.coveringSide)
      message.append(options.ignoresOrientation)
      message.append(options.pixelLimit)
      message.append(options.byteLimit)
      message.append(options.acceptsDamage)
    case .video(let options):
      begin(.video)
      message.append(options.coveringSide)
      message.append(options.ignoresOrientation)
      message.append(options.pixelLimit)
      message.append(options.frameMemory)
      message.append(options.skipsUnreferenced)
      message.append(options.threads)
    case .advance: begin(.advance)
    case .image(let side):
      begin(.image)
      message.append(side)
    case .skip(let time):
      begin(.skip)
      message.append(time)
    case .close: begin(.close)
    }
    return message
  }

  init(_ reader: inout MessageReader) throws(Gibberish) {
    switch Kind(rawValue: try reader.integer()) {
    case .still:
      var options = DecodeOptions()
      options.coveringSide = try reader.integerOrNone()
      options.ignoresOrientation = try reader.bool()
      options.pixelLimit = try reader.integer()
      options.byteLimit = try reader.integer()
      options.acceptsDamage = try reader.bool()
      self = .still(options)
    case .video:
      var options = VideoOptions()
      options.coveringSide = try reader.integerOrNone()
      options.ignoresOrientation = try reader.bool()
      options.pixelLimit = try reader.integer()
      options.frameMemory = try reader.integer()
      options.skipsUnreferenced = try reader.bool()
      options.threads = try reader.integer()
      self = .video(options)
    case .advance: self = .advance
    case .image: self = .image(coveringSide: try reader.integerOrNone())
    case .skip: self = .skip(to: try reader.double())
    case .close: self = .close
    case nil: throw Gibberish()
    }
  }
}

extension VideoFacts {
  func append(to message: inout Message) {
    message.append(width)
    message.append(height)
    message.append(frameLength)
    message.append(duration)
    message.append(end)
    message.append(streamDuration)
    message.append(isPicture)
    message.append(mayJump)
    clock.append(to: &message)
  }

  init(_ reader: inout MessageReader) throws(Gibberish) {
    width = try reader.integer()
    height = try reader.integer()
    frameLength = try reader.seconds()
    duration = try reader.secondsOrNone()
    end = try reader.secondsOrNone()
    streamDuration = try reader.secondsOrNone()
    isPicture = try reader.bool()
    mayJump = try reader.bool()
    clock = try ClockFacts(&reader)
    guard (1...Int(Int32.max)).contains(width), (1...Int(Int32.max)).contains(height) else {
      throw Gibberish()
    }
  }
}

extension ClockFacts {
  func append(to message: inout Message) {
    for fraction in [tick, frameRate] {
      message.append(fraction?.numerator)
      message.append(fraction?.denominator)
    }
    message.append(timecode ?? "")
    message.append(sound?.channels)
    message.append(sound?.rate)
  }

  init(_ reader: inout MessageReader) throws(Gibberish) {
    func fraction() throws(Gibberish) -> Fraction? {
      let (numerator, denominator) = (try reader.integerOrNone(), try reader.integerOrNone())
      guard let numerator, let denominator else { return nil }
      return Fraction(numerator, denominator)
    }
    (tick, frameRate) = (try fraction(), try fraction())
    let text = try reader.text()
    timecode = text.isEmpty ? nil : text
    let (channels, rate) = (try reader.integerOrNone(), try reader.integerOrNone())
    if let channels, let rate { sound = Sound(channels: channels, rate: rate) }
  }
}

extension VideoPosition {
  func append(to message: inout Message) {
    message.append(currentEnd)
    message.append(lastEnd)
    message.append(damagedFrames)
    message.append(shareRead)
  }

  init(_ reader: inout MessageReader) throws(Gibberish) {
    currentEnd = try reader.seconds()
    lastEnd = try reader.seconds()
    damagedFrames = try reader.integer()
    shareRead = try reader.seconds()
    guard damagedFrames >= 0, (0...1).contains(shareRead) else { throw Gibberish() }
  }
}

extension MediaError {
  func append(to message: inout Message) {
    message.append(kind.rawValue)
    let said: String =
      switch self {
      case .missing, .empty: ""
      case .unreadable(_, let reason), .unsupported(_, let reason): reason
      case .undecodable(_, let reason), .tooLarge(_, let reason): reason
      }
    message.append(said)
  }

  /// - Parameter path: the file's, which a confined process does not know
  init(_ reader: inout MessageReader, path: String) throws(Gibberish) {
    guard let kind = FailureKind(rawValue: try reader.text()) else { throw Gibberish() }
    let reason = try reader.text()
    self =
      switch kind {
      case .missing: .missing(path: path)
      case .unreadable: .unreadable(path: path, reason: reason)
      case .unsupported: .unsupported(path: path, reason: reason)
      case .undecodable: .undecodable(path: path, reason: reason)
      case .tooLarge: .tooLarge(path: path, reason: reason)
      case .empty: .empty(path: path)
      }
  }
}
