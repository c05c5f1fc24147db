import ArgumentParser
import Metadata

/// What captions are written into beside standard output.
enum SidecarKind: String, CaseIterable, ExpressibleByArgument {
  case xmp
}

extension SidecarName: ExpressibleByArgument {}
extension ExistingText: ExpressibleByArgument {}

/// `--sidecar`, `--txt` and what goes with them: captions where other programs look for them.
struct MetadataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write caption and alternative text into a file beside each picture, too. What else is in that stays.",
      valueName: "kind"))
  var sidecar: SidecarKind?

  @Option(
    help: ArgumentHelp(
      "How a new sidecar is called; one that is there under either name is used. Default: photo.jpg.xmp.",
      valueName: "name"))
  var sidecarName: SidecarName?

  @Flag(help: "Write keywords into the sidecar, too: the things that the caption names.")
  var keywords = false

  @Flag(help: "Write the caption into photo.txt beside photo.jpg, too.")
  var txt = false

  @Option(
    help: ArgumentHelp(
      "What becomes of a text that is there already: it stays (skip), goes (overwrite) or is added to (append). Default: skip.",
      valueName: "how"))
  var existing: ExistingText?

  @Option(help: ArgumentHelp("What stands before each caption in these files.", valueName: "text"))
  var prefix: String?

  @Option(help: ArgumentHelp("What stands after each caption in these files.", valueName: "text"))
  var suffix: String?

  @Option(
    help: ArgumentHelp(
      "The longest text in these files, in characters; what is longer ends after a whole word.",
      valueName: "n"))
  var maxLength: Int?

  private var isWanted: Bool { sidecar != nil || txt }

  private var wording: CaptionWording {
    CaptionWording(prefix: prefix ?? "", suffix: suffix ?? "", maximumLength: maxLength)
  }

  func validate() throws {
    if sidecar == nil, sidecarName != nil || keywords {
      throw ValidationError("\(keywords ? "--keywords" : "--sidecar-name") goes with --sidecar.")
    }
    let others = [
      ("--existing", existing != nil), ("--prefix", prefix != nil), ("--suffix", suffix != nil),
      ("--max-length", maxLength != nil),
    ]
    if !isWanted, let other = others.first(where: \.1) {
      throw ValidationError("\(other.0) goes with --sidecar or --txt.")
    }
    if let maxLength { try check(maxLength, in: 20...10_000, "--max-length") }
    if let room = wording.room, room < 10 {
      throw ValidationError(
        "--prefix and --suffix leave \(max(0, room)) characters of --max-length for the caption.")
    }
  }

  /// What writes the files; nil where none are wanted.
  var files: MetadataFiles? {
    guard isWanted else { return nil }
    let existing = existing ?? .skip
    return MetadataFiles(
      sidecars: sidecar.map { _ in Sidecars(name: sidecarName ?? .whole, existing: existing) },
      texts: txt ? TextFiles(existing: existing) : nil, wording: wording, hasKeywords: keywords)
  }
}
