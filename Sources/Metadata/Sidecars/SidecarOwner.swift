import Files
import SystemPackage

/// Whose a sidecar is, where it says so.
enum SidecarOwner {
  /// The name of the picture that it belongs to, if that is another one.
  static func other(_ packet: XMPPacket, place: GivenPath, than picture: GivenPath) -> String? {
    let folder = picture.location.parent
    func isThere(_ name: String) -> Bool {
      FilePath.Component(name).map { folder.appending($0).kind != nil } ?? false
    }
    let own = picture.location.lastComponent?.string ?? ""
    // A name that nothing has is an earlier one of the picture itself.
    for field in [XMPField.rawFileName, .derivedFrom] {
      if let name = packet.value(field)?[0], !name.isEmpty, name != own, isThere(name) { return name }
    }
    // The sidecar's own name tells whose it is.
    if place.bytes.dropLast(4).elementsEqual(picture.bytes) { return nil }
    guard let suffix = packet.value(.suffix)?[0], !suffix.isEmpty,
      let mine = picture.location.extension, suffix != mine
    else { return nil }
    let name = (picture.location.stem ?? "") + "." + suffix
    return suffix.lowercased() != mine.lowercased() || isThere(name) ? name : nil
  }
}
