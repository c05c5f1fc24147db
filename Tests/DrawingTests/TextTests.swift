import Drawing
import Media
import Testing

@Suite struct TextTests {
  private let style = TextStyle(size: 16, color: Color(0xFFFFFF))

  /// Where there is ink of a text at (100, 40) on a black drawing: left, right, top, bottom; nil where there is none.
  private func ink(_ text: String, anchor: TextAnchor = .start, fit: TextFit = .free, turn: Double = 0) throws
    -> (left: Int, right: Int, top: Int, bottom: Int)?
  {
    var drawing = Drawing(width: 300, height: 200, background: Color(0))
    drawing.write(text, at: Point(100, 40), style, anchor: anchor, fit: fit, turn: turn)
    let image = try drawing.image()
    let inked = (0..<300 * 200).filter { image.pixels[$0 * 3] > 0 }
    let (columns, rows) = (inked.map { $0 % 300 }, inked.map { $0 / 300 })
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max()
    else { return nil }
    return (left, right, top, bottom)
  }

  @Test func widthsGrowWithTextAndSize() throws {
    let words = "a dog runs through the grass"
    var last = 0.0
    for count in 1...words.count {
      let width = try style.width(of: String(words.prefix(count)))
      #expect(width > last)
      last = width
    }
    let bold = TextStyle(size: 16, weight: .bold, color: style.color)
    #expect(try bold.width(of: words) > last)
    let large = TextStyle(size: 32, color: style.color)
    #expect(abs(try large.width(of: words) - 2 * last) < 0.01)
    #expect(try style.width(of: "") == 0)
    #expect(try style.width(of: "W") > style.width(of: "i"))
  }

  @Test func textStandsAtItsPoint() throws {
    let width = try style.width(of: "HxH")
    let start = try #require(try ink("HxH"))
    #expect(abs(start.left - 100) <= 3 && abs(Double(start.right) - 100 - width) <= 3)
    #expect(start.bottom == 39, "capitals stand on the base line")
    let end = try #require(try ink("HxH", anchor: .end))
    #expect(abs(end.right - 100) <= 3)
    let middle = try #require(try ink("HxH", anchor: .middle))
    #expect(abs(middle.left + middle.right - 200) <= 2)
    let turned = try #require(try ink("HxH", turn: 90))
    #expect(turned.top >= 40 && abs(Double(turned.bottom) - 40 - width) <= 3)
    // From right to left, but within the same room.
    let hebrew = try #require(try ink("שלום", fit: .ellipsized(150)))
    #expect(abs(hebrew.left - 100) <= 3)
    #expect(try ink("") == nil)
  }

  @Test func whatDoesNotFitEndsInAnEllipsis() throws {
    let long = String(repeating: "playing piano ", count: 20)
    for room in [30.0, 80, 200] {
      let extent = try style.extent(of: long, fit: .ellipsized(room))
      #expect(extent.width <= room && extent.width > room / 2 && extent.lines == 1)
    }
    #expect(try style.extent(of: "dog", fit: .ellipsized(200)).width == style.width(of: "dog"))
    let inked = try #require(try ink(long, fit: .ellipsized(80)))
    #expect(inked.right <= 180)
    // No room at all is no crash.
    for room in [0, -5, Double.infinity] { _ = try ink(long, fit: .ellipsized(room)) }
  }

  @Test func linesEndBetweenWords() throws {
    let text = "playing the piano and singing along"
    let two = try style.width(of: "playing the") + 1
    let extent = try style.extent(of: text, fit: .wrapped(two, lines: 10))
    #expect(extent.lines == 4)
    #expect(extent.width <= two)
    let cut = try style.extent(of: text, fit: .wrapped(two, lines: 2))
    #expect(cut.lines == 2 && cut.width <= two)
    #expect(abs(cut.height * 2 - extent.height) < 0.1)
    #expect(try style.extent(of: "extraordinarily", fit: .wrapped(40, lines: 9)).width <= 40)
  }

  @Test func everyTextCanBeWritten() throws {
    for text in ["a\u{0}b\nc\u{2028}d\te", "\u{600}<b>", "犬 🐕", "\u{202E}abc", "e\u{301}\u{301}\u{301}"] {
      #expect(try style.extent(of: text).lines == 1)
      #expect(try ink(text) != nil)
    }
  }
}
