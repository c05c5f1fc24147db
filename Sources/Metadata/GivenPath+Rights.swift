import Files
import Glibc
import SystemPackage

extension GivenPath {
  /// Whether a file may be written to. One that may not would be replaced all the same, where the folder may be written to.
  var mayBeWritten: Bool {
    let rights = try? location.stat().permissions
    return rights?.isDisjoint(with: [.ownerWrite, .groupWrite, .otherWrite]) != true
      && location.withCString { access($0, W_OK) } == 0
  }
}
