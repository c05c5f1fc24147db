import Files
import Foundation

/// What this program wrote into a sidecar, and what was there before: `narrate:changes`, a JSON object, from which the text is taken
/// back without a trace.
struct SidecarChanges: Codable, Equatable {
  /// Of one field, and one of its languages.
  struct Change: Codable, Equatable {
    /// `dc:description`
    let field: String
    let language: String?
    /// nil where there was nothing.
    let before: [String]?
    let wrote: [String]
    /// What of it is the machine's: the caption, or the keywords that were not there.
    let added: [String]
  }

  /// Whether the sidecar was not there.
  var made = false
  var changes: [Change] = []

  private static let separator = "\n"

  /// What a sidecar says of itself; nil where it says nothing, or nothing that can be understood.
  init?(of packet: XMPPacket) {
    guard let text = packet.value(.changes)?[0],
      let changes = try? JSONDecoder().decode(SidecarChanges.self, from: Data(text.utf8))
    else { return nil }
    self = changes
  }

  init(made: Bool = false) { self.made = made }

  func write(to packet: XMPPacket) throws(MetadataError) {
    // Strings and lists of them.
    guard let data = try? JSON.encoded(self, .line) else { preconditionFailure("changes have no JSON") }
    try packet.set(.changes, to: [String(decoding: data, as: UTF8.self)])
  }

  /// Changes a field, if there is something to be changed, and remembers that.
  mutating func set(
    _ field: XMPField, _ language: String? = nil, adding text: [String], _ existing: ExistingText,
    in packet: XMPPacket
  ) throws(MetadataError) {
    let before = packet.value(field, language)
    let isEmpty = before?.allSatisfy(\.isBlank) ?? true
    let wrote: [String]
    switch field.form {
    case .text, .languages:
      wrote =
        isEmpty || existing == .overwrite
        ? text
        : [before, text].compactMap { $0?.first }.joined(separator: Self.separator)
          .asList
    case .bag, .sequence:
      let kept = existing == .overwrite ? [] : (before ?? [])
      wrote = kept + text.filter { !kept.contains($0) }
    }
    guard wrote != before else { return }
    try packet.set(field, language, to: wrote)
    changes.removeAll { $0.field == field.text && $0.language == language }
    let added = text.filter {
      field.form == .text || field.form == .languages || !(before ?? []).contains($0)
    }
    changes.append(Change(field: field.text, language: language, before: before, wrote: wrote, added: added))
  }

  /// Takes back what was written. What somebody has written over it stays; of what somebody has added to, the machine's part goes.
  func undo(in packet: XMPPacket) throws(MetadataError) {
    for change in changes.reversed() {
      guard let field = XMPField(change.field) else { continue }
      let now = packet.value(field, change.language)
      guard let now, now != change.wrote else {
        if now != nil { try packet.set(field, change.language, to: change.before) }
        continue
      }
      try packet.set(field, change.language, to: Self.without(change, now, field))
    }
    for field in [XMPField.changes, .model, .confidence] { try packet.set(field, to: nil) }
  }

  /// What stays of a field that somebody has changed since.
  private static func without(_ change: Change, _ now: [String], _ field: XMPField) -> [String]? {
    switch field.form {
    case .text: return now
    case .languages:
      let lines = now[0].components(separatedBy: separator)
      let rest = lines.filter { !change.added.contains($0) }
      return rest.count == lines.count ? now : rest.isEmpty ? nil : rest.joined(separator: separator).asList
    case .bag, .sequence:
      let taken = (change.before ?? []).filter { !change.wrote.contains($0) }
      let rest = taken + now.filter { !change.added.contains($0) }
      return rest.isEmpty ? nil : rest
    }
  }
}

extension String {
  /// Whether there is nothing to be read in it.
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  fileprivate var asList: [String] { [self] }
}
