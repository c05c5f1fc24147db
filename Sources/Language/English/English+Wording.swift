extension English {
  /// A caption without what says only that it is one: "a picture of", "this image shows".
  package static func withoutAnnouncement(_ caption: String) -> String {
    let words = caption.split(separator: " ")
    guard words.count > 3, pictures.contains(String(words[1])) else { return caption }
    let isOf = ["a", "an", "the"].contains(words[0]) && words[2] == "of"
    let shows = ["this", "the"].contains(words[0]) && ["shows", "show", "depicts"].contains(words[2])
    return isOf || shows ? words.dropFirst(3).joined(separator: " ") : caption
  }

  /// As many of a caption's words as fit, from its beginning, without a last one that something must follow.
  /// - Parameter length: in characters
  package static func cut(_ caption: String, to length: Int) -> String {
    guard caption.count > length else { return caption }
    var words = caption.split(separator: " ")
    while !words.isEmpty, words.joined(separator: " ").count > length { words.removeLast() }
    let open = Set(unfinishedEnds + articles + qualifiers + prepositions)
    while let last = words.last, open.contains(String(last)) { words.removeLast() }
    return words.joined(separator: " ")
  }
}
