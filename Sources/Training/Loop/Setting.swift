import Files

/// A setting of a training run: its name in a file, where it is kept, and what it may be.
package struct Setting<Settings: Sendable>: Sendable {
  /// Its groups' names and its own, with dots between: `decoder.hidden`. Those of a rule say what it is about.
  let name: String
  /// Nil for a rule that holds between settings.
  let value: (@Sendable (Settings) -> JSON)?
  /// Takes a value of the kind that `value` gives.
  let set: @Sendable (inout Settings, JSON) -> Void
  /// What is wrong with it: what it must be, and what it is. Nil if nothing is.
  let complaint: @Sendable (Settings) -> (rule: String, value: String)?
  /// The names that it may have, of a choice.
  let choices: [String]?
}

/// What a number must be, and how that is said.
package struct SettingRange<Value: Sendable>: Sendable {
  let text: String
  let contains: @Sendable (Value) -> Bool

  package init(_ text: String, _ contains: @escaping @Sendable (Value) -> Bool) {
    (self.text, self.contains) = (text, contains)
  }
}

extension SettingRange where Value == Int {
  static func within(_ range: ClosedRange<Int>) -> Self {
    Self("\(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
  }
  static func from(_ range: ClosedRange<Int>) -> Self {
    Self("from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
  }
  static var notNegative: Self { Self("0 or more") { $0 >= 0 } }
}

extension SettingRange where Value == Double {
  static var positive: Self { Self("above 0") { $0 > 0 && $0.isFinite } }
  static var notNegative: Self { Self("0 or more") { $0 >= 0 && $0.isFinite } }
  /// Of a probability, or of what an average keeps of itself.
  static var share: Self { Self("at least 0 and below 1") { $0 >= 0 && $0 < 1 } }
  static var zeroToTen: Self { Self("from 0 to 10") { (0...10).contains($0) } }
  static var aboveZeroToOne: Self { Self("above 0 and at most 1") { $0 > 0 && $0 <= 1 } }
}

extension Setting {
  package typealias Path<Value> = WritableKeyPath<Settings, Value> & Sendable

  package static func integer(
    _ name: String, _ path: any Path<Int>, _ range: @escaping @Sendable (Settings) -> SettingRange<Int>
  ) -> Setting {
    Setting(
      name: name, value: { .integer($0[keyPath: path]) },
      set: { settings, value in
        if case .integer(let number) = value { settings[keyPath: path] = number }
      },
      complaint: { Self.complaint($0[keyPath: path], range($0)) }, choices: nil)
  }

  package static func integer(_ name: String, _ path: any Path<Int>, _ range: SettingRange<Int>) -> Setting {
    integer(name, path) { _ in range }
  }

  package static func number(_ name: String, _ path: any Path<Double>, _ range: SettingRange<Double>)
    -> Setting
  {
    Setting(
      name: name, value: { .number($0[keyPath: path]) },
      set: { settings, value in
        switch value {
        case .number(let number): settings[keyPath: path] = number
        case .integer(let number): settings[keyPath: path] = Double(number)
        case .unsigned(let number): settings[keyPath: path] = Double(number)
        default: break
        }
      },
      complaint: { Self.complaint($0[keyPath: path], range) }, choices: nil)
  }

  package static func seed(_ name: String, _ path: any Path<UInt64>) -> Setting {
    Setting(
      name: name, value: { .unsigned($0[keyPath: path]) },
      set: { settings, value in
        switch value {
        case .unsigned(let number): settings[keyPath: path] = number
        case .integer(let number): settings[keyPath: path] = UInt64(number)
        default: break
        }
      },
      complaint: { _ in nil }, choices: nil)
  }

  package static func flag(_ name: String, _ path: any Path<Bool>) -> Setting {
    Setting(
      name: name, value: { .boolean($0[keyPath: path]) },
      set: { settings, value in
        if case .boolean(let flag) = value { settings[keyPath: path] = flag }
      },
      complaint: { _ in nil }, choices: nil)
  }

  /// One of several names.
  package static func choice<Choice: RawRepresentable<String> & Sendable>(
    _ name: String, _ path: any Path<Choice>, _ choices: [Choice]
  ) -> Setting {
    Setting(
      name: name, value: { .string($0[keyPath: path].rawValue) },
      set: { settings, value in
        if case .string(let text) = value, let choice = Choice(rawValue: text) {
          settings[keyPath: path] = choice
        }
      },
      complaint: { _ in nil }, choices: choices.map(\.rawValue))
  }

  /// What must hold between settings.
  /// - Parameter complaint: nil if it holds, else what the setting must be, and what it is.
  package static func rule(
    _ name: String, _ complaint: @escaping @Sendable (Settings) -> (rule: String, value: String)?
  ) -> Setting {
    Setting(name: name, value: nil, set: { _, _ in }, complaint: complaint, choices: nil)
  }

  private static func complaint<Value: CustomStringConvertible>(
    _ value: Value, _ range: SettingRange<Value>
  ) -> (rule: String, value: String)? {
    range.contains(value) ? nil : (range.text, value.description)
  }
}
