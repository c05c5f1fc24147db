import CExempi

/// The XMP properties of one picture, which keep all that this package knows nothing of.
///
/// It is used by one thread at a time.
final class XMPPacket {
  private let library: narrate_exempi
  private let handle: OpaquePointer
  /// What exempi tells texts in.
  private let string: OpaquePointer

  /// Without any property.
  init() throws(MetadataError) {
    library = try ExempiLibrary.get()
    guard let handle = library.xmp_new_empty() else { throw .unavailable(reason: "exempi gives no memory") }
    guard let string = library.xmp_string_new() else {
      _ = library.xmp_free(handle)
      throw .unavailable(reason: "exempi gives no memory")
    }
    (self.handle, self.string) = (handle, string)
  }

  /// - Throws: what is no XMP in UTF-8, without a path.
  convenience init(_ bytes: [UInt8]) throws(MetadataError) {
    let marked = try XMLOutline.marked(bytes)
    try self.init()
    let isRead = marked.withUnsafeBytes { buffer in
      library.xmp_parse(handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard isRead else { throw Self.failure("is no XMP", library) }
  }

  deinit {
    library.xmp_string_free(string)
    _ = library.xmp_free(handle)
  }

  private static func failure(_ text: String, _ library: narrate_exempi) -> MetadataError {
    .sidecar(path: "", reason: "\(text) (exempi: error \(library.xmp_get_error()))")
  }

  private var text: String { library.xmp_string_cstr(string).map { String(cString: $0) } ?? "" }

  /// Whether there is any property.
  var isEmpty: Bool {
    guard let iterator = library.xmp_iterator_new(handle, nil, nil, XMP_ITER_JUSTLEAFNODES) else {
      return true
    }
    defer { _ = library.xmp_iterator_free(iterator) }
    return !library.xmp_iterator_next(iterator, nil, nil, nil, nil)
  }

  /// All leaves, each with its path: `dc:description[1]` and `hello`.
  var leaves: [String: String] {
    var leaves: [String: String] = [:]
    guard let iterator = library.xmp_iterator_new(handle, nil, nil, XMP_ITER_JUSTLEAFNODES),
      let name = library.xmp_string_new()
    else { return leaves }
    defer {
      library.xmp_string_free(name)
      _ = library.xmp_iterator_free(iterator)
    }
    while library.xmp_iterator_next(iterator, nil, name, string, nil) {
      if let name = library.xmp_string_cstr(name) { leaves[String(cString: name)] = text }
    }
    for (path, value) in leaves where value.hasPrefix(XMLOutline.mark) {
      leaves[path] = nil
      if path.hasSuffix(Self.language) { leaves[String(path.dropLast(Self.language.count))] = nil }
    }
    return leaves
  }

  /// The end of the path to an item's language.
  private static let language = "/?xml:lang"

  /// A field's value: one text, or a list's; nil where there is none, or one of another form.
  /// - Parameter language: which of a text in several languages
  func value(_ field: XMPField, _ language: String? = nil) -> [String]? {
    switch field.form {
    case .text: return value(at: field.name, of: field).map { [$0] }
    case .languages:
      guard let language, let path = path(field, language) else { return nil }
      return value(at: path, of: field).map { [$0] }
    case .bag, .sequence:
      let items = items(field)
      return items.isEmpty ? nil : items
    }
  }

  /// The texts of all languages, or a list's, the marks of `XMLOutline` among them, which are empty.
  func items(_ field: XMPField) -> [String] {
    var items: [String] = []
    while library.xmp_get_array_item(handle, field.uri, field.name, Int32(items.count + 1), string, nil) {
      items.append(text)
    }
    return items
  }

  /// - Parameter value: nil takes it away
  /// - Throws: where a field of this name is of another form.
  func set(_ field: XMPField, _ language: String? = nil, to value: [String]?) throws(MetadataError) {
    guard let value else { return remove(field, language) }
    switch field.form {
    case .text: try set(value[0], at: field.name, of: field)
    case .languages:
      guard let language else { preconditionFailure("a text in several languages needs one") }
      try write(value[0], language, to: field)
    case .bag, .sequence:
      let old = items(field)
      let kept = zip(old, value).prefix { $0 == $1 }.count
      for index in stride(from: old.count, to: kept, by: -1) {
        _ = library.xmp_delete_property(handle, field.uri, "\(field.name)[\(index)]")
      }
      for item in value[kept...] { try append(item, to: field) }
    }
  }

  private func write(_ value: String, _ language: String, to field: XMPField) throws(MetadataError) {
    if let path = path(field, language) { return try set(value, at: path, of: field) }
    // Readers that know of no languages take the first.
    let isFirst = language == Self.anyLanguage && !items(field).isEmpty
    if isFirst {
      let before = UInt32(XMP_PROP_ARRAY_INSERT_BEFORE.rawValue)
      guard library.xmp_set_array_item(handle, field.uri, field.name, 1, value, before) else {
        throw Self.failure("\(field.text) cannot be set", library)
      }
    } else {
      try append(value, to: field)
    }
    let place = isFirst ? 1 : items(field).count
    try set(language, at: "\(field.name)[\(place)]\(Self.language)", of: field)
  }

  private func append(_ item: String, to field: XMPField) throws(MetadataError) {
    guard library.xmp_append_array_item(handle, field.uri, field.name, field.form.options, item, 0) else {
      throw Self.failure("\(field.text) cannot be added to", library)
    }
  }

  private func remove(_ field: XMPField, _ language: String?) {
    let path = language.map { self.path(field, $0) } ?? field.name
    if let path { _ = library.xmp_delete_property(handle, field.uri, path) }
    // An empty list says nothing.
    let count = items(field).count
    if field.form == .languages ? (0..<count).allSatisfy({ isMark(field, $0 + 1) }) : count == 0 {
      _ = library.xmp_delete_property(handle, field.uri, field.name)
    }
  }

  private func isMark(_ field: XMPField, _ index: Int) -> Bool {
    value(at: "\(field.name)[\(index)]\(Self.language)", of: field)?.hasPrefix(XMLOutline.mark) ?? false
  }

  /// The language of what holds for every reader.
  static let anyLanguage = "x-default"

  /// Where a language's text is; nil where there is none.
  private func path(_ field: XMPField, _ language: String) -> String? {
    (1...max(1, items(field).count)).map { "\(field.name)[\($0)]" }.first {
      value(at: $0 + Self.language, of: field)?.lowercased() == language.lowercased()
    }
  }

  private func value(at path: String, of field: XMPField) -> String? {
    library.xmp_get_property(handle, field.uri, path, string, nil) ? text : nil
  }

  private func set(_ value: String, at path: String, of field: XMPField) throws(MetadataError) {
    guard library.xmp_set_property(handle, field.uri, path, value, 0) else {
      throw Self.failure("\(field.text) cannot be set", library)
    }
  }

  /// The bytes of a sidecar.
  func bytes() throws(MetadataError) -> [UInt8] {
    guard library.xmp_serialize(handle, string, UInt32(XMP_SERIAL_OMITPACKETWRAPPER), 0) else {
      throw Self.failure("cannot be made", library)
    }
    return Array((#"<?xml version="1.0" encoding="UTF-8"?>"# + "\n" + XMLOutline.unmarked(text)).utf8)
  }
}
