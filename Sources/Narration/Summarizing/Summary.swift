import Foundation
import Media
import Models

/// A video told in shots.
///
///     for shot in summary.shots { print(shot.start, shot.end, shot.caption) }
public struct Summary: Sendable, Hashable, Codable {
  /// A frame that stands for a shot.
  public struct KeyFrame: Sendable, Hashable, Codable {
    /// Seconds, by the file's presentation times.
    public let time: Double
    /// The number under which its picture was given away.
    package let picture: Int
    /// Its picture, as a JPEG file. Empty where the pictures were given away as they came.
    public internal(set) var jpeg = Data()
    /// What it shows, in English.
    public let caption: String
    /// The same in the summary's language, if that is another.
    public let translation: String?
    /// As in `Caption`, 0 to 1.
    public let confidence: Double
    /// How well it stands for the shot, 0 to 1.
    public let score: Double
  }

  /// Frames between two transitions, or a part of them.
  public struct Shot: Sendable, Hashable, Codable {
    /// Seconds: the middle of the transition before it.
    public let start: Double
    /// Seconds: where the next one starts.
    public internal(set) var end: Double
    /// Its frames, counted from the video's first.
    public internal(set) var frames: Range<Int>
    /// How it begins.
    public let transition: ShotTransition
    /// How sure it is that there is a transition, 0 to 1; 1 where the video begins, 0 where there is none.
    public let transitionConfidence: Double
    /// In order of time. Empty where the shot shows what an earlier one showed, or beyond the number asked for.
    public internal(set) var keyFrames: [KeyFrame]
    /// What happens in it, by several of its frames, in English.
    public let caption: String
    /// The same in the summary's language, if that is another.
    public let translation: String?
    /// As in `Caption`, 0 to 1.
    public let confidence: Double
    /// The earlier shot that it looks like, counted from 0.
    public let repeats: Int?
  }

  /// Neighboring shots that say the same.
  public struct Chapter: Sendable, Hashable, Codable {
    /// Seconds, by the file's presentation times.
    public let start: Double
    /// Seconds: where the next one starts.
    public let end: Double
    /// The caption that is surest and of the longest shot, in English.
    public let title: String
    /// The same in the summary's language, if that is another.
    public let translation: String?
    /// Of the title, as of a shot's caption.
    public let confidence: Double
    /// Indices into `shots`.
    public let shots: Range<Int>
  }

  /// How much a second of the video matters.
  public struct Importance: Sendable, Hashable, Codable {
    /// When it begins, in seconds by the file's presentation times.
    public let time: Double
    /// 0 to 1; a half is the usual.
    public let score: Double
  }

  /// The video, as the caller gave it.
  public let path: String
  /// The models' names.
  public let model: String
  /// In order of time, at least one; each starts where the one before ends.
  public internal(set) var shots: [Shot]
  /// In order of time, at least one.
  public let chapters: [Chapter]
  /// One for each second, in order of time.
  public let importance: [Importance]
  /// Seconds from the first frame to the end of the last.
  public let duration: Double
  /// Upright size of the first frames with square pixels.
  package let width, height: Int
  /// By what the frames come.
  package let timing: FrameTiming
  /// Frames that could not be decoded.
  public let damagedFrames: Int
  /// Seconds that the file claims to last, if its frames end long before.
  public let claimedDuration: Double?
  /// Captions less sure than this are unsure; nil where the model was not calibrated.
  public let sureConfidence: Double?
  /// What captions and titles are told in.
  public let language: CaptionLanguage

  /// Gives the key frames their pictures, by their numbers.
  mutating func setPictures(_ pictures: [Int: Data]) {
    for shot in shots.indices {
      for frame in shots[shot].keyFrames.indices {
        shots[shot].keyFrames[frame].jpeg = pictures[shots[shot].keyFrames[frame].picture] ?? Data()
      }
    }
  }
}

/// How a video is summarized.
///
///     let options = SummaryOptions(keyFrames: 3, captions: .init(beamWidth: 5))
public struct SummaryOptions: Sendable, Hashable {
  /// Most key frames of the whole video, 1 to 100,000; nil leaves it to the shots.
  public var keyFrames: Int?
  /// Most chapters, 1 to 100,000, the most important ones; nil leaves it to the shots.
  public var chapters: Int?
  /// How captions are made.
  public var captions: CaptionOptions

  /// As many key frames and chapters as the shots need, the usual captions.
  public init(keyFrames: Int? = nil, chapters: Int? = nil, captions: CaptionOptions = CaptionOptions()) {
    (self.keyFrames, self.chapters, self.captions) = (keyFrames, chapters, captions)
  }

  package static let keyFrameCounts = 1...100_000
  package static let chapterCounts = 1...100_000

  /// - Throws: for what is out of its range.
  package func check() throws(OptionError) {
    if let keyFrames { try OptionError.check(keyFrames, in: Self.keyFrameCounts, "keyFrames") }
    if let chapters { try OptionError.check(chapters, in: Self.chapterCounts, "chapters") }
    try captions.check()
  }
}
