import Foundation
import Models

extension ServeCommand {
  /// A unit for systemd (systemd.exec(5)) that takes from the server all that it does not need. The decoders' own confinement needs to
  /// start the program anew, and to make filters of system calls, both of which stay allowed.
  var unit: String {
    let program = ModelLibrary.runningProgram?.path ?? "/usr/local/bin/narrate"
    var line = [program, "serve", "--host", host, "--port", String(port), "--queue", String(queue)]
    for (option, value) in [("--library", library), ("--model", model), ("--label-model", labelModel)] {
      if let value { line += [option, URL(fileURLWithPath: value).path] }
    }
    for folder in allowPath { line += ["--allow-path", URL(fileURLWithPath: folder).path] }
    if let threads { line += ["--threads", String(threads)] }
    if !sandbox { line.append("--no-sandbox") }
    let models = ModelLibrary().searchPaths.map(\.path).filter { FileManager.default.fileExists(atPath: $0) }
    let needsToken = token != nil || !["127.0.0.1", "::1", "localhost"].contains(host)
    let secret =
      needsToken
      ? "# A line NARRATE_TOKEN=…, readable by root alone.\nEnvironmentFile=/etc/narrate/environment\n" : ""
    return """
      [Unit]
      Description=Narrate: captions over HTTP
      After=network.target

      [Service]
      ExecStart=\(line.map(Self.quoted).joined(separator: " "))
      Environment=\(Self.quoted("NARRATE_MODELS=" + models.joined(separator: ":")))
      \(secret)DynamicUser=yes
      Restart=on-failure
      TimeoutStopSec=60
      LimitNOFILE=65536
      MemoryMax=4G
      UMask=0077
      CapabilityBoundingSet=
      AmbientCapabilities=
      NoNewPrivileges=yes
      PrivateDevices=yes
      PrivateTmp=yes
      PrivateUsers=yes
      ProtectClock=yes
      ProtectControlGroups=yes
      ProtectHome=read-only
      ProtectHostname=yes
      ProtectKernelLogs=yes
      ProtectKernelModules=yes
      ProtectKernelTunables=yes
      ProtectSystem=strict
      RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
      RestrictNamespaces=yes
      RestrictRealtime=yes
      RestrictSUIDSGID=yes
      LockPersonality=yes
      SystemCallArchitectures=native

      [Install]
      WantedBy=multi-user.target

      """
  }

  /// A word of a unit's command line; `%` and `$` mean something there.
  private static func quoted(_ word: String) -> String {
    let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
      .replacing("$", with: "$$")
    return escaped.contains(where: { $0 == " " || $0 == "\"" || $0 == "'" || $0 == "\\" })
      ? "\"\(escaped)\"" : escaped
  }
}
