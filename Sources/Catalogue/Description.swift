import Files

/// What a model says of a content, or why it says nothing.
package struct Description: Sendable {
  package var isVideo = false
  /// Pixels of the whole upright picture.
  package var width = 0
  package var height = 0
  package var isDamaged = false
  package var caption: String?
  /// 0…1
  package var confidence = 0.0
  package var isUnsure = false
  package var tags: [String] = []
  /// What is done in a video, most probable first.
  package var labels: [String] = []
  /// Why it could not be described: kind and message.
  package var failure: (kind: String, message: String)?
  /// [channels], the mean of the encoder's features; empty where nothing was seen
  package var mean: [Float] = []
  /// [concepts], a detector's logits; empty where the model detects no words
  package var words: [Float] = []

  package init() {}
}

/// A model that describes, and what its detector knows.
package struct DescribingModel: Sendable {
  package var name: String
  /// Tells two models of one name apart.
  package var digest: String
  /// The words of each concept, and whether it is a thing, which several words name.
  package var concepts: [(words: [String], isThing: Bool)]

  package init(name: String, digest: String, concepts: [(words: [String], isThing: Bool)]) {
    (self.name, self.digest, self.concepts) = (name, digest, concepts)
  }
}

/// What a search, a review or an export shows of a content.
package struct Entry: Sendable, Equatable {
  package let content: Int64
  /// Where it is, at least one path, sorted.
  package let paths: [GivenPath]
  package let isVideo: Bool
  package let width: Int
  package let height: Int
  /// As people have it if they changed it, else the model's; nil where it was dropped or could not be made.
  package let caption: String?
  /// What the model said.
  package let machineCaption: String?
  /// Whether somebody wrote or accepted the caption.
  package let isHuman: Bool
  package let confidence: Double
  package let isUnsure: Bool
  package let tags: [String]
  package let labels: [String]
  package let model: String?
  /// Why a model could not describe it: kind and message.
  package let errorKind: String?
  package let error: String?
}
