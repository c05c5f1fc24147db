import Mustache

/// A page of a catalogue's pictures: what `Templates/library.mustache` shows, by the names that stand in it.
package struct LibraryPage {
  package struct Picture {
    /// Address of the file, from the page.
    package let link: String
    /// Address of a small picture, from the page; nil where there is none.
    package let thumbnail: String?
    package let caption: String
    package let isUnsure: Bool
    /// The file's name.
    package let name: String
    /// How many other files are the same, in words; nil for none.
    package let more: String?

    package init(
      link: String, thumbnail: String?, caption: String, isUnsure: Bool, name: String, more: String?
    ) {
      (self.link, self.thumbnail, self.caption) = (link, thumbnail, caption)
      (self.isUnsure, self.name, self.more) = (isUnsure, name, more)
    }
  }

  struct Link {
    let file: String
    let number: Int
    let isCurrent: Bool
  }

  let title: String
  let hasPages: Bool
  let pages: [Link]
  let pictures: [Picture]

  /// The name of a page's file, from page 1 on.
  package static func file(_ number: Int) -> String { number == 1 ? "index.html" : "page\(number).html" }

  /// - Parameter count: pages in all
  package init(title: String, number: Int, of count: Int, pictures: [Picture]) {
    (self.title, self.pictures) = (title, pictures)
    hasPages = count > 1
    pages = (0..<count).map {
      Link(file: Self.file($0 + 1), number: $0 + 1, isCurrent: $0 + 1 == number)
    }
  }

  private static let template = MustacheTemplate.markup(PackageResources.library_mustache)

  /// The text of the page.
  package var html: String { Self.template.render(self) }
}
