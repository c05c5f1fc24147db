import ArgumentParser
import Files
import Foundation
import Models
import SystemPackage

/// The places that a run is going to write, checked before the first of them is opened: nothing that the run reads is written over,
/// by whatever name it is called, and no two outputs are one file.
package struct Outputs {
  /// What a training writes into its folder.
  static let ofTraining = [
    ModelFolder.configurationName, ModelFolder.weightsName, "vocabulary.txt", "labels.txt",
    "encoder.safetensors", "decoder.safetensors", "checkpoint.safetensors", "metrics.jsonl", "metrics.svg",
    "confusion.json", "confusion.svg",
  ]

  private struct Target {
    let option: String
    let path: GivenPath
    /// Whether it is a folder, in which nothing that is read may lie.
    let isFolder: Bool
    /// Whether others of its kind may be the same.
    var isShared = false
  }

  private var targets: [Target] = []

  package init() {}

  /// - Parameter path: nil and `-`, standard output, are no file.
  package mutating func add(file path: GivenPath?, _ option: String) {
    guard let path, !path.isStandardStream else { return }
    targets.append(Target(option: option, path: path, isFolder: false))
  }

  /// A folder that is replaced as a whole.
  package mutating func add(folder path: GivenPath, _ option: String) {
    targets.append(Target(option: option, path: path, isFolder: true))
  }

  /// Files beside the inputs, of which several may have one in common. Where nothing is there yet, nothing is lost, unless another
  /// output is called so.
  package mutating func add(beside places: [[GivenPath]], _ option: String) {
    let names = Set(targets.map(\.path.location.lastComponent))
    for place in Set(places.joined())
    where place.location.kind != nil || names.contains(place.location.lastComponent) {
      targets.append(Target(option: option, path: place, isFolder: false, isShared: true))
    }
  }

  /// A folder of which these files are replaced.
  package mutating func add(_ names: [String], in folder: URL, _ option: String) {
    for name in names { add(file: GivenPath(folder.appendingPathComponent(name).path), option) }
  }

  /// - Parameters:
  ///   - inputs: all files that the run reads; `-` is standard input.
  ///   - models: the folders of the models that it uses
  /// - Throws: `ValidationError`
  package func check(reading inputs: [GivenPath], models: [URL] = []) throws {
    try checkThatTheyDiffer()
    var written: [FileIdentity: Target] = [:]
    for target in targets { FileIdentity(target.path.location).map { written[$0] = target } }
    let output = FileIdentity(.standardOutput).flatMap { $0.isRegular ? $0 : nil }
    // Nothing is there yet that could be lost.
    if written.isEmpty, output == nil { return }
    for input in inputs + models.flatMap(Self.files) {
      guard let read = Self.identity(input) else { continue }
      let name = input.isStandardStream ? "standard input" : input.text
      if let target = written[read] {
        let same = target.path == input ? "is an input" : "is the same file as the input \(name)"
        throw ValidationError("\(target.option) \(target.path.text) \(same), which would be lost.")
      }
      if read == output { throw ValidationError("Standard output goes to the input \(name).") }
      for folder in targets where folder.isFolder && Self.lies(input, in: folder.path) {
        throw ValidationError(
          "\(folder.option) \(folder.path.text) is a folder with the input \(name) in it.")
      }
    }
  }

  private static func identity(_ input: GivenPath) -> FileIdentity? {
    input.isStandardStream ? FileIdentity(.standardInput) : FileIdentity(input.location)
  }

  private func checkThatTheyDiffer() throws {
    var places: [FilePath: Target] = [:]
    for target in targets {
      // Devices and pipes take what comes from everywhere.
      if let kind = (try? target.path.location.stat())?.type, kind != .regular, kind != .directory {
        continue
      }
      if let other = places.updateValue(target, forKey: Self.place(target.path.location)),
        !(other.isShared && target.isShared)
      {
        throw ValidationError("\(other.option) and \(target.option) are the same, \(target.path.text).")
      }
    }
  }

  /// The path that leads there without links, whether there is something already or not.
  private static func place(_ path: FilePath) -> FilePath {
    if let there = path.resolved { return there }
    guard let folder = path.parent.resolved, let name = path.lastComponent else { return path }
    return folder.appending(name)
  }

  /// Whether a file lies in a folder or below it.
  private static func lies(_ input: GivenPath, in folder: GivenPath) -> Bool {
    guard let outer = FileIdentity(folder.location), var path = input.location.resolved else { return false }
    while path.parent != path, path.lastComponent != nil {
      path = path.parent
      if FileIdentity(path) == outer { return true }
    }
    return false
  }

  /// A model folder's files.
  private static func files(of model: URL) -> [GivenPath] {
    let folder = GivenPath(model.path)
    return ((try? folder.location.entries()) ?? []).map { folder.appending($0.bytes) }
  }
}
