import Drawing
import Testing

@Test func nothingInATextIsTakenForMarkup() {
  #expect(Markup.escaped("a < b & \"c\" > d") == "a &lt; b &amp; &quot;c&quot; &gt; d")
  #expect(Markup.escaped("café 🐕") == "café 🐕")
  #expect(Markup.escaped("a\u{0}\u{1b}b\u{FFFE}\tc\n") == "a\u{FFFD}\u{FFFD}b\u{FFFD}\tc\n")
  // One character of two scalars, of which a browser sees the second.
  #expect(Markup.escaped("\u{600}<script>") == "\u{600}&lt;script&gt;")
  #expect(Markup.escaped("<\u{301}\"\u{301}&\u{301}") == "&lt;\u{301}&quot;\u{301}&amp;\u{301}")
}
