import Foundation
import TestSupport
import Testing

/// Training in several processes, where Open MPI is installed, as `.ci/run` does.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun")))
struct ProcessesTests {
  private let folder: TemporaryFolder

  /// Clips of stripes that move, and settings for a minute network.
  init() throws {
    folder = try TemporaryFolder()
    var table = "clip\tsplit\tlabel\n"
    for clip in 0..<6 {
      var video = RawVideo(width: 64, height: 36, rate: 10)
      for frame in 0..<12 {
        video.append(u: UInt8(40 + 30 * clip), v: UInt8(220 - 30 * clip)) { row, column in
          UInt8(40 + (column + row + frame) % (5 + 3 * clip) * 6)
        }
      }
      try folder.write(video.bytes, "data/clips/\(clip).y4m")
      table += "\(clip).y4m\t\(clip < 4 ? "train" : "val")\t\(clip % 2 == 0 ? "even" : "odd")\n"
    }
    try folder.write(table, "data/labels.tsv")
    try folder.write(
      """
      {"network": {"firstChannels": 4, "secondChannels": 4, "thirdChannels": 4, "embedding": 8, "hidden": 8},
       "optimisation": {"stretchesPerBatch": 4, "batchesPerEpoch": 5, "epochs": 6, "patience": 6, "shards": 2},
       "validation": {"videos": 1, "shotsPerVideo": 3}}
      """, "settings.json")
  }

  /// `$train FOLDER` in this shell trains alone, `$both FOLDER` in two processes.
  private func trial(_ script: String) async throws -> Program.Outcome {
    try await shell(
      """
      train="$narrate train shots --threads 1 --data data --config settings.json --output"
      both="mpirun --allow-run-as-root --oversubscribe -n 2 $train"
      \(script)
      """, in: folder, environment: ["HOME": folder.path, "TMPDIR": "/tmp"])
  }

  @Test func twoTrainAsOneDoes() async throws {
    let result = try await trial(
      """
      $train one > one.txt && $both two > two.txt || exit
      cmp one/model.safetensors two/model.safetensors || exit
      # Each epoch is told once.
      sed 's/  0:..//' one.txt > a; sed 's/  0:..//' two.txt > b; cmp a b || exit
      grep -c epoch two.txt
      """)
    #expect(result.status == 0 && result.output == "7\n", "\(result)")
    // Open MPI complains of machines that hide what they are made of.
    #expect(!result.errors.contains("narrate"), "\(result.errors)")
  }

  /// The others end too, and `--resume` goes on, alone, as if nothing had been.
  @Test(arguments: [0, 1]) func aProcessThatDiesEndsTheRun(rank: Int) async throws {
    let result = try await trial(
      """
      $train whole > whole.txt || exit
      $both broken > broken.txt 2> errors.txt &
      until [ -s broken.txt ]; do sleep 0.02; done
      for process in $(pgrep -x narrate); do
        [ "$(readlink /proc/$process/cwd)" = "$(pwd -P)" ] || continue
        tr '\\0' '\\n' < /proc/$process/environ | grep -qx OMPI_COMM_WORLD_RANK=\(rank) && kill -9 $process
      done
      wait $! && exit 3
      ls broken/model.safetensors || exit
      for process in $(pgrep -x narrate); do
        [ "$(readlink /proc/$process/cwd)" = "$(pwd -P)" ] && exit 4
      done
      $train broken --resume > rest.txt || exit
      cmp whole/model.safetensors broken/model.safetensors || exit
      ls -A whole > a; ls -A broken > b; cmp a b
      """)
    #expect(result.status == 0, "\(result)")
  }

  @Test func mistakesAreToldOnce() async throws {
    let result = try await trial(
      """
      $both none --config missing.json; echo $?
      mpirun --allow-run-as-root --oversubscribe -n 3 $train none; echo $?
      mpirun --allow-run-as-root -n 2 --oversubscribe $narrate train label --data data --output none; echo $?
      PMI_SIZE=2 $train none; echo $?
      """)
    let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("narrate: ") }
    #expect(lines.count == 4, "\(result)")
    #expect(result.output == "65\n64\n64\n64\n", "\(result)")
    #expect(lines[1].contains("2 shards for 3 processes") && lines[2].contains("runs in one process"))
    #expect(lines[3].contains("another MPI than Open MPI"))
  }
}
