import Files

/// What a JSON object has beside a result, so that the result is known again.
package struct ResultMarks: Sendable {
  /// As who asked gave it; comes first.
  package var id: JSON?
  /// Whether there is a path to be told; else it is null.
  package var isNamed: Bool
  /// Of the file's bytes; comes last.
  package var content: ContentKey?

  package init(id: JSON? = nil, isNamed: Bool = true, content: ContentKey? = nil) {
    (self.id, self.isNamed, self.content) = (id, isNamed, content)
  }

  /// A result's object with these.
  package func mark(_ result: JSON) -> JSON {
    guard case .object(var fields) = result else { return result }
    if !isNamed, let place = fields.firstIndex(where: { $0.key == "path" }) { fields[place].value = .null }
    if let id { fields.insert(("id", id), at: 0) }
    if let content { fields.append(("content", .string(content.description))) }
    return .object(fields)
  }
}
