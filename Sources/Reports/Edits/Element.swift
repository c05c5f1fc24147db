import Drawing

/// An element of an XML document.
struct Element {
  let name: String
  let attributes: [(name: String, value: String)]
  let content: [Element]
  let text: String?

  init(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ content: [Element] = []) {
    self.name = name
    self.attributes = attributes.compactMap { name, value in value.map { (name, $0) } }
    (self.content, text) = (content, nil)
  }

  /// One with nothing but a text.
  init(_ name: String, text: some CustomStringConvertible) {
    (self.name, attributes, content, self.text) = (name, [], [], "\(text)")
  }

  /// A document with this as its root.
  /// - Parameter type: a document type declaration's name, where readers want one
  func document(type: String? = nil) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + (type.map { "<!DOCTYPE \($0)>\n" } ?? "") + lines("")
  }

  private func lines(_ indent: String) -> String {
    let head = "<" + name + attributes.map { " \($0)=\"\(Markup.escaped($1))\"" }.joined()
    if let text { return "\(indent)\(head)>\(Markup.escaped(text))</\(name)>\n" }
    if content.isEmpty { return "\(indent)\(head)/>\n" }
    return "\(indent)\(head)>\n" + content.map { $0.lines(indent + "  ") }.joined()
      + "\(indent)</\(name)>\n"
  }
}
