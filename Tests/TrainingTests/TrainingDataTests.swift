import Datasets
import TestSupport
import Testing
import Training

@Suite struct TrainingDataTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func takesSeveralDataSetsWithWeights() throws {
    typealias Argument = TrainingData.Argument
    #expect(Argument("data/flickr8k")?.weight == 1)
    let weighted = try #require(Argument("a=b/photos=0.5"))
    #expect(weighted.path == "a=b/photos" && weighted.weight == 0.5)
    #expect(Argument("a=1000")?.weight == 1000)
    for wrong in [
      "", "=1", "a=", "a=0", "a=-1", "a=nan", "a=inf", "a=x", "a=1000.5", "a=1e12", "a=1e30", "a=1e308",
    ] { #expect(Argument(wrong) == nil) }

    for (name, split) in [("one", "train"), ("two", "val")] {
      try folder.write("image\tsplit\tcaption\na\ttrain\tx\nb\t\(split)\ty\n".utf8, "\(name)/captions.tsv")
      for image in ["a", "b"] { try folder.write([0], "\(name)/images/\(image)") }
    }
    let arguments = [folder.path("one"), folder.path("two") + "=0.25"].compactMap { Argument($0) }
    let data = try TrainingData(arguments)
    #expect(data.sources.map(\.training.count) == [2, 1])
    #expect(data.sources.map(\.validation.count) == [0, 1])
    #expect(data.sources.map(\.weight) == [1, 0.25])
    let error = #expect(throws: DataError.self) { try TrainingData([arguments[0]]) }
    #expect(error?.reason == "no examples in split val; there are: train")
  }
}
