import Files
import Foundation
import Testing

@Test func jsonIsWrittenAsTheStandardHasIt() {
  let value = JSON.object([
    ("b", .string("q\" b\\ n\n t\t c\u{1}\u{7F}\u{9B} é 🐕")),
    ("a", .array([.null, .boolean(true), .integer(-3)])),
    ("n", .rounded(0.123456, places: 4)), ("whole", .rounded(2, places: 1)),
    ("zero", .rounded(-0.00001, places: 4)),
    ("infinite", .rounded(-.infinity, places: 4)), ("nan", .number(.nan)), ("empty", .object([])),
  ])
  let expected =
    #"{"b":"q\" b\\ n\n t\t c\u0001\u007f\u009b é 🐕","a":[null,true,-3],"n":0.1235,"whole":2,"zero":0,"#
    + #""infinite":null,"nan":null,"empty":{}}"#
  #expect(value.text == expected)
}

@Test func whatIsWrittenIsRead() throws {
  let text = #"{"a":[1,2.5,"x\n",null,true,{"b":[]}]}"#
  #expect(try JSONDecoder().decode(JSON.self, from: Data(text.utf8)).text == text)
}

@Test func valuesAreWrittenTheSameWayEverywhere() throws {
  struct Value: Codable {
    var path = "a/b"
    var list = [1.5, 127]
  }
  #expect(
    String(decoding: try JSON.encoded(Value(), .line), as: UTF8.self) == #"{"list":[1.5,127],"path":"a/b"}"#)
  #expect(
    String(decoding: try JSON.encoded(Value(), .indented), as: UTF8.self)
      == "{\n  \"list\" : [\n    1.5,\n    127\n  ],\n  \"path\" : \"a/b\"\n}\n")
  #expect(throws: EncodingError.self) { try JSON.encoded([Double.nan], .line) }
  let named = try JSON.encoded([Double.nan, -.infinity], .line, namesNonFinite: true)
  #expect(String(decoding: named, as: UTF8.self) == #"["NaN","-Infinity"]"#)
}
