import CExempi

/// A field that this package writes, or looks at.
struct XMPField: Hashable, Sendable {
  enum Form: Sendable {
    case text
    /// A text in several languages, of which `x-default` is the first.
    case languages
    case bag, sequence

    /// What exempi calls an array of this form.
    var options: UInt32 {
      switch self {
      case .text: 0
      case .languages:
        XMP_PROP_VALUE_IS_ARRAY.rawValue | XMP_PROP_ARRAY_IS_ORDERED.rawValue
          | XMP_PROP_ARRAY_IS_ALT.rawValue | XMP_PROP_ARRAY_IS_ALTTEXT.rawValue
      case .bag: XMP_PROP_VALUE_IS_ARRAY.rawValue
      case .sequence: XMP_PROP_VALUE_IS_ARRAY.rawValue | XMP_PROP_ARRAY_IS_ORDERED.rawValue
      }
    }
  }

  typealias Space = (prefix: String, uri: String)

  let prefix: String
  let name: String
  let form: Form

  static let spaces: [Space] = [
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"),
    ("digiKam", "http://www.digikam.org/ns/1.0/"),
    ("xmp", "http://ns.adobe.com/xap/1.0/"),
    ("xmpMM", "http://ns.adobe.com/xap/1.0/mm/"),
    ("photoshop", "http://ns.adobe.com/photoshop/1.0/"),
    ("crs", "http://ns.adobe.com/camera-raw-settings/1.0/"),
    ("narrate", "urn:narrate:1.0#"),
  ]

  /// The name space's name.
  var uri: String { Self.spaces.first { $0.prefix == prefix }?.uri ?? "" }

  static let description = XMPField(prefix: "dc", name: "description", form: .languages)
  static let altText = XMPField(prefix: "Iptc4xmpCore", name: "AltTextAccessibility", form: .languages)
  static let subject = XMPField(prefix: "dc", name: "subject", form: .bag)
  static let tags = XMPField(prefix: "digiKam", name: "TagsList", form: .sequence)
  static let creatorTool = XMPField(prefix: "xmp", name: "CreatorTool", form: .text)
  /// The suffix of the picture that a sidecar without it in its name belongs to.
  static let suffix = XMPField(prefix: "photoshop", name: "SidecarForExtension", form: .text)
  /// The pictures that raw converters say a sidecar belongs to.
  static let rawFileName = XMPField(prefix: "crs", name: "RawFileName", form: .text)
  static let derivedFrom = XMPField(prefix: "xmpMM", name: "DerivedFrom", form: .text)

  /// What wrote, how sure it was, and what it changed: see `SidecarChanges`.
  static let model = XMPField(prefix: "narrate", name: "model", form: .text)
  static let confidence = XMPField(prefix: "narrate", name: "confidence", form: .text)
  static let changes = XMPField(prefix: "narrate", name: "changes", form: .text)

  /// Those that a change may be about.
  private static let changed = [description, altText, subject, tags, creatorTool, suffix]

  /// As it is told in `narrate:changes`: `dc:description`.
  var text: String { "\(prefix):\(name)" }

  init?(_ text: String) {
    guard let field = Self.changed.first(where: { $0.text == text }) else { return nil }
    self = field
  }

  private init(prefix: String, name: String, form: Form) {
    (self.prefix, self.name, self.form) = (prefix, name, form)
  }
}
