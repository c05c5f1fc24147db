import Datasets
import Models
import Narration
import Testing
import Training

@Suite struct CaptionAgreementTests {
  private let clip = [
    "a man is playing a guitar", "i love thsi song", "a man plays a guitar on stage",
    "a man is playing the guitar",
    "gooood",
  ]
  private let other = ["a dog runs in the grass", "a dog is running on grass"]

  @Test func captionsThatAgreeAreKeptInTheirOrder() {
    let kept = mostAgreeing([clip, other], count: 3)
    #expect(kept == [[clip[0], clip[2], clip[3]], other])
  }

  @Test func zeroKeepsAll() { #expect(mostAgreeing([clip, other], count: 0) == [clip, other]) }

  @Test func aSingleCaptionIsKept() {
    #expect(mostAgreeing([["alone"], clip], count: 1).map(\.count) == [1, 1])
  }
}
