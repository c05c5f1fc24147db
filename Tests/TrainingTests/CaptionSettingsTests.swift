import Datasets
import Foundation
import Models
import Narration
import TestSupport
import Testing
import Training

@Suite struct CaptionSettingsTests {
  private func configuration(_ json: String) throws -> CaptionSettings {
    try CaptionSettings(json: Data(json.utf8), path: "my.json")
  }

  private func complaint(_ json: String) -> String {
    do {
      _ = try configuration(json)
    } catch {
      #expect((error as? DataError)?.kind == .damaged)
      return "\(error)"
    }
    return "no error"
  }

  @Test func printsEverySetting() throws {
    #expect(
      CaptionSettings().printed == """
        {
          "captions" : {
            "mostAgreeing" : 10
          },
          "decoder" : {
            "architecture" : "lstm",
            "attention" : 256,
            "embedding" : 512,
            "feedForward" : 1024,
            "heads" : 8,
            "hidden" : 512,
            "layers" : 3,
            "maximumWords" : 20,
            "places" : 4,
            "projection" : 512
          },
          "encoder" : {
            "architecture" : "efficientnet-lite2",
            "inputSize" : 260
          },
          "fineTuning" : {
            "blocks" : 13,
            "captionsPerImage" : 3,
            "colour" : 0.2,
            "decayPerEpoch" : 0.5,
            "decoderRate" : 0.00015,
            "encoderRate" : 5e-05,
            "epochs" : 0,
            "smallestCrop" : 0.7,
            "warmupSteps" : 100
          },
          "optimisation" : {
            "averageDecay" : 0.998,
            "beta1" : 0.9,
            "beta2" : 0.999,
            "captionsPerImage" : 5,
            "decayPerEpoch" : 0.88,
            "epochs" : 14,
            "epsilon" : 1e-08,
            "flips" : true,
            "gradientClip" : 5,
            "imagesPerBatch" : 16,
            "learningRate" : 0.001,
            "patience" : 3,
            "precision" : "f32",
            "shards" : 2,
            "warmupSteps" : 100
          },
          "regularisation" : {
            "attentionPenalty" : 1,
            "embeddingDropout" : 0.3,
            "featureDropout" : 0.3,
            "labelSmoothing" : 0.1,
            "layerDropout" : 0.1,
            "outputDropout" : 0.5,
            "weightDecay" : 0
          },
          "seed" : 1,
          "selfCritical" : {
            "augmentation" : true,
            "costs" : {
              "action" : 0,
              "colour" : 0,
              "mention" : 0,
              "number" : 0,
              "phrase" : 0,
              "sex" : 0,
              "thing" : 0
            },
            "decayPerEpoch" : 0.75,
            "dropout" : true,
            "epochs" : 0,
            "interpolation" : 0.7,
            "learningRate" : 0.0001,
            "samples" : 5,
            "warmupSteps" : 100
          },
          "validation" : {
            "beam" : 3,
            "lengthExponent" : 0.7,
            "limit" : 0,
            "repetition" : "any"
          },
          "vocabulary" : {
            "minimumCount" : 5
          }
        }

        """)
    try CaptionSettings().validate()
  }

  @Test func readsWhatItPrints() throws {
    var changed = CaptionSettings()
    changed.seed = .max
    changed.encoder.architecture = .lite1
    changed.optimization.flips = false
    changed.optimization.learningRate = 0.1 + 0.2
    changed.optimization.epsilon = 3e-12
    #expect(try configuration(changed.printed) == changed)
    #expect(try configuration(changed.printed).printed == changed.printed)
  }

  @Test func keepsDefaultsForWhatIsMissing() throws {
    #expect(try configuration("{}") == CaptionSettings())
    var expected = CaptionSettings()
    expected.decoder.hidden = 256
    expected.optimization.gradientClip = 2
    #expect(try configuration(#"{"decoder":{"hidden":256},"optimisation":{"gradientClip":2}}"#) == expected)
  }

  @Test func namesTheSettingThatIsWrong() {
    let cases = [
      #"{"optimiser":{}}"#:
        "optimiser: no such setting; there are: captions, decoder, encoder, fineTuning, optimisation, regularisation, seed, selfCritical, validation, vocabulary",
      #"{"decoder":{"hiden":5}}"#:
        "decoder.hiden: no such setting; there are: architecture, attention, embedding, feedForward, heads, hidden, layers, maximumWords, places, projection",
      #"{"decoder":{"hidden":"512"}}"#: "decoder.hidden: a whole number expected",
      #"{"decoder":{"hidden":null}}"#: "decoder.hidden: a whole number expected",
      #"{"decoder":{"hidden":true}}"#: "decoder.hidden: a whole number expected",
      #"{"decoder":{"hidden":[1]}}"#: "decoder.hidden: a whole number expected",
      #"{"decoder":512}"#: "decoder: an object expected",
      #"{"optimisation":{"flips":1}}"#: "optimisation.flips: true or false expected",
      #"{"encoder":{"architecture":2}}"#: "encoder.architecture: a string expected",
      #"{"decoder":{"hidden":2.5}}"#: "decoder.hidden: a whole number expected",
      #"{"seed":-1}"#: "seed: a whole number, 0 or more, expected",
      #"{"optimisation":{"learningRate":"1e-3"}}"#: "optimisation.learningRate: a number expected",
      #"{"optimisation":{"learningRate":1e400}}"#: "optimisation.learningRate: a number out of range",
      "[]": "an object expected",
      #"{"decoder":{"hidden":0}}"#: "decoder.hidden: must be 1 to 16384, not 0",
      #"{"decoder":{"architecture":"gru"}}"#: "decoder.architecture: must be lstm or transformer, not gru",
      #"{"decoder":{"layers":0}}"#: "decoder.layers: must be 1 to 64, not 0",
      #"{"decoder":{"architecture":"transformer","embedding":256}}"#:
        "decoder.embedding: must be as wide as a Transformer's hidden states, 512, not 256",
      #"{"decoder":{"architecture":"transformer","heads":7}}"#:
        "decoder.attention: must be a multiple of the 7 heads, not 256",
      #"{"encoder":{"inputSize":8}}"#: "encoder.inputSize: must be 32 to 2048, not 8",
      #"{"encoder":{"architecture":"resnet"}}"#:
        "encoder.architecture: must be efficientnet-lite1 or efficientnet-lite2, not resnet",
      #"{"regularisation":{"outputDropout":1}}"#:
        "regularisation.outputDropout: must be at least 0 and below 1, not 1.0",
      #"{"regularisation":{"weightDecay":-0.1}}"#: "regularisation.weightDecay: must be 0 or more, not -0.1",
      #"{"optimisation":{"learningRate":0}}"#: "optimisation.learningRate: must be above 0, not 0.0",
      #"{"optimisation":{"decayPerEpoch":1.5}}"#:
        "optimisation.decayPerEpoch: must be above 0 and at most 1, not 1.5",
      #"{"optimisation":{"warmupSteps":-1}}"#: "optimisation.warmupSteps: must be 0 to 1000000, not -1",
      #"{"optimisation":{"imagesPerBatch":1}}"#: "optimisation.shards: must be 1 to 1, not 2",
      #"{"optimisation":{"epochs":0}}"#:
        "optimisation.epochs: must be above 0 where no other stage has epochs, not 0",
      #"{"fineTuning":{"epochs":-1}}"#: "fineTuning.epochs: must be 0 to 65536, not -1",
      #"{"fineTuning":{"blocks":22}}"#: "fineTuning.blocks: must be 0 to 21, not 22",
      #"{"fineTuning":{"encoderRate":0}}"#: "fineTuning.encoderRate: must be above 0, not 0.0",
      #"{"fineTuning":{"smallestCrop":0}}"#: "fineTuning.smallestCrop: must be 0.05 to 1, not 0.0",
      #"{"fineTuning":{"colour":1}}"#: "fineTuning.colour: must be at least 0 and below 1, not 1.0",
      #"{"selfCritical":{"interpolation":0}}"#:
        "selfCritical.interpolation: must be above 0 and at most 1, not 0.0",
      #"{"validation":{"repetition":"french"}}"#: "validation.repetition: must be any or english, not french",
      #"{"selfCritical":{"samples":1}}"#: "selfCritical.samples: must be 2 to 1000, not 1",
      #"{"selfCritical":{"decayPerEpoch":0}}"#:
        "selfCritical.decayPerEpoch: must be above 0 and at most 1, not 0.0",
      #"{"validation":{"lengthExponent":-1}}"#: "validation.lengthExponent: must be 0 or more, not -1.0",
    ]
    for (json, expected) in cases { #expect(complaint(json) == "my.json: " + expected) }
    #expect(complaint(#"{"decoder":"#).hasPrefix("my.json: not JSON"))
    #expect(complaint("").hasPrefix("my.json: not JSON"))
  }

  @Test func readsFiles() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(#"{"seed":9}"#.utf8, "a.json")
    #expect(try CaptionSettings(contentsOf: file).seed == 9)
    let absent = folder.url.appendingPathComponent("b.json")
    #expect(throws: DataError(.missing, path: absent.path, reason: "no such file")) {
      try CaptionSettings(contentsOf: absent)
    }
  }

  @Test func learningRateWarmsUpAndDecays() {
    let schedule = LearningRateSchedule(CaptionSettings().optimization, stepsPerEpoch: 375)
    #expect(schedule.rate(at: 0) == 1e-5)
    #expect(abs(schedule.rate(at: 49) - 5e-4) < 1e-12)
    #expect(schedule.rate(at: 99) == 1e-3)
    #expect(schedule.rate(at: 374) == 1e-3)
    #expect(abs(schedule.rate(at: 375) - 0.88e-3) < 1e-15)
    #expect(abs(schedule.rate(at: 375 * 13) - 1e-3 * pow(0.88, 13)) < 1e-15)
    var settings = CaptionSettings().optimization
    settings.warmupSteps = 0
    #expect(LearningRateSchedule(settings, stepsPerEpoch: 1).rate(at: 0) == 1e-3)
    // A warm-up may outlast an epoch.
    settings.warmupSteps = 8
    #expect(abs(LearningRateSchedule(settings, stepsPerEpoch: 2).rate(at: 3) - 1e-3 * 0.5 * 0.88) < 1e-15)
  }
}
