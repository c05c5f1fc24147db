import Drawing
import Foundation
import FoundationXML
import Media
import Testing

@Suite struct SVGTests {
  private let style = TextStyle(size: 16, color: Color(0xFFFFFF))

  @Test func nameAndWritingCanBeReadWhateverTheyAre() throws {
    let title = "a \u{600}<b> & \"c\" \u{1}\u{1B}\u{FFFE}\u{0}"
    var drawing = Drawing(width: 300, height: 200, background: Color(0))
    drawing.write("surfing <water> & \u{2}", at: Point(10, 20), style)
    drawing.write("93%", at: Point(10, 60), style)
    let document = try XMLDocumentProbe(drawing.svg(title: title))
    #expect(document.texts["title"] == "a \u{600}<b> & \"c\" \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    #expect(document.texts["desc"] == "surfing <water> & \u{FFFD}\n93%")
    #expect(document.root["width"]?.hasPrefix("300") == true && document.root["viewBox"] == "0 0 300 200")
    #expect(document.root["role"] == "img")
    #expect(document.counts["text"] == nil && document.counts["use"] ?? 0 > 10, "letters are shapes")
  }

  @Test func everyMarkIsInTheFile() throws {
    var drawing = Drawing(width: 300, height: 200, background: Color(0x121418))
    drawing.fill(Rectangle(x: 1, y: 2, width: 3, height: 4), radius: 1, Color(0xFF0000))
    drawing.circle(Point(50, 50), radius: 20, stroke: Stroke(Color(0x00FF00), width: 2, dashes: [6, 4]))
    drawing.stroke([Point(1, 1), Point(9, 9)], Stroke(Color(0x0000FF)))
    let svg = try drawing.svg(title: "")
    let document = try XMLDocumentProbe(svg)
    #expect(document.counts["path"] == 3)
    // Cairo 1.18 writes a blank after the commas.
    let close = svg.replacingOccurrences(of: ", ", with: ",")
    for color in ["100%,0%,0%", "0%,100%,0%", "0%,0%,100%"] { #expect(close.contains(color)) }
    #expect(svg.contains("stroke-dasharray"))
  }

  @Test func picturesAreInTheFileAsJPEG() throws {
    let pixels = [UInt8](repeating: 77, count: 16 * 16 * 3)
    var drawing = Drawing(width: 300, height: 200, background: Color(0))
    drawing.show(Image(width: 16, height: 16, pixels: pixels), at: Point(3, 4))
    drawing.show(Image(width: 16, height: 16, pixels: pixels.map { $0 + 50 }), at: Point(30, 4))
    let document = try XMLDocumentProbe(drawing.svg(title: ""))
    #expect(document.pictures.count == 2)
    for (picture, shade) in zip(document.pictures, [77, 127]) {
      let parts = picture.split(separator: ",")
      #expect(parts.first == "data:image/jpeg;base64")
      let data = try #require(parts.last.flatMap { Data(base64Encoded: String($0)) })
      let image = try Picture(bytes: [UInt8](data), path: "inside").image
      #expect(image.width == 16 && abs(Int(image.pixels[300]) - shade) <= 2)
    }
    // Each is shown once, by the name that it has.
    #expect(Set(document.names).count == document.names.count)
    #expect(document.names.filter { document.uses.contains("#" + $0) }.count >= 2)
  }

  @Test func bytesDoNotDependOnWhatWasDrawnBefore() throws {
    var drawing = Drawing(width: 30, height: 20, background: Color(0))
    drawing.show(Image(width: 1, height: 1, pixels: [1, 2, 3]), at: Point(3, 4))
    let first = try drawing.svg(title: "x")
    for _ in 0..<12 { _ = try drawing.png() }
    #expect(try drawing.svg(title: "x") == first)
  }
}

/// What is asked of an SVG file; throws where it is not well-formed XML.
private final class XMLDocumentProbe: NSObject, XMLParserDelegate {
  private(set) var root: [String: String] = [:]
  private(set) var counts: [String: Int] = [:]
  private(set) var texts: [String: String] = [:]
  private(set) var pictures: [String] = []
  private(set) var names: [String] = []
  private(set) var uses: Set<String> = []
  private var open: [String] = []

  init(_ svg: String) throws {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if open.isEmpty { root = attributes }
    open.append(name)
    counts[name, default: 0] += 1
    if let id = attributes["id"] { names.append(id) }
    guard let target = attributes["xlink:href"] else { return }
    if name == "image" { pictures.append(target) } else { uses.insert(target) }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    texts[open.last ?? "", default: ""] += text
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { open.removeLast() }
}
