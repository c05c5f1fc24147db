/// What is doubtful about the alternative texts of a page, after the W3C's guide to them and what its checkers look for.
package enum AltTextDoubt: Equatable, Sendable {
  case missing
  /// It is the name of a file, as cameras and programs make them.
  case fileName
  /// It says that it is a picture, which everybody knows who hears it.
  case announcement
  /// It says nothing of this picture: "image".
  case placeholder
  case tooLong(Int)
  /// Another picture, in the line given, has the same.
  case doubled(line: Int)

  /// Characters that are heard to the end.
  package static let longest = 150

  package var description: String {
    switch self {
    case .missing: "no alternative text"
    case .fileName: "the name of a file"
    case .announcement: "says that it is a picture"
    case .placeholder: "says nothing"
    case .tooLong(let count): "\(count) characters, more than \(Self.longest)"
    case .doubled(let line): "the same as in line \(line)"
    }
  }
}

extension Page {
  /// The doubts about each picture, in the order of the page; empty for a text that is none of these.
  package var doubts: [[AltTextDoubt]] {
    var seen: [String: PageImage] = [:]
    return images.map { image in
      guard let text = image.text, !text.isBlank || !image.isDecorative else {
        return image.text == nil ? [.missing] : []
      }
      if text.isBlank { return [.missing] }
      var doubts = Self.doubts(text, image)
      let key = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
      if let other = seen[key], other.source != image.source { doubts.append(.doubled(line: other.line)) }
      seen[key] = seen[key] ?? image
      return doubts
    }
  }

  private static func doubts(_ text: String, _ image: PageImage) -> [AltTextDoubt] {
    let lower = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let file = image.name.split(separator: "/").last?.lowercased() ?? ""
    let stem = file.prefix(upTo: file.lastIndex(of: ".") ?? file.endIndex)
    var doubts: [AltTextDoubt] = []
    // "dog" may well be the text of dog.jpg.
    let isStem = lower == stem && (stem.contains { $0.isNumber || $0 == "_" || $0 == "-" })
    if lower == file || isStem || hasSuffixOfPictures(lower) || isNamedByCamera(lower) {
      doubts.append(.fileName)
    }
    if placeholders.contains(lower) { doubts.append(.placeholder) }
    if announcements.contains(where: lower.hasPrefix) { doubts.append(.announcement) }
    if text.count > AltTextDoubt.longest { doubts.append(.tooLong(text.count)) }
    return doubts
  }

  private static func hasSuffixOfPictures(_ text: String) -> Bool {
    !text.contains(" ")
      && [
        ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic", ".svg", ".bmp", ".tif", ".tiff",
      ].contains(where: text.hasSuffix)
  }

  /// `IMG_1234`, `DSC00012`, `Screenshot 2024-01-02`
  private static func isNamedByCamera(_ text: String) -> Bool {
    let prefixes = [
      "img", "dsc", "dscn", "dscf", "pxl", "mvi", "photo", "image", "screenshot", "picture", "scan",
      "untitled",
    ]
    let name = text.prefix { $0.isLetter }
    let rest = text.dropFirst(name.count)
    return prefixes.contains(String(name)) && rest.contains(where: \.isNumber)
      && rest.allSatisfy { $0.isNumber || "_-. ()".contains($0) }
  }

  private static let placeholders: Set<String> = [
    "image", "img", "picture", "photo", "photograph", "graphic", "icon", "alt", "alt text",
    "alternative text",
    "untitled", "placeholder", "todo", "tbd", "spacer", "null", "undefined", "description", "caption", "bild",
    "foto",
  ]

  private static let announcements = [
    "image of ", "an image of ", "the image of ", "this image ", "picture of ", "a picture of ",
    "this picture ",
    "photo of ", "a photo of ", "photograph of ", "a photograph of ", "this photo ", "graphic of ",
    "a graphic of ",
    "image showing ", "picture showing ", "bild von ", "ein bild von ", "foto von ", "ein foto von ",
  ]
}

extension PageImage {
  /// Whether an author has said that the picture says nothing.
  package var isDecorative: Bool { mayBeDecorative && text?.isEmpty == true }

  /// Whether there is no text, and nobody's word that there should be none.
  package var lacksText: Bool { !isDecorative && (text?.isBlank ?? true) }
}
