/// Which of a checkpoint's tensors become which of ours. All are row-major in both; what differs is their names, axes of length 1, and
/// that queries, keys and values may stand in one matrix.
struct TensorPlan {
  struct Entry {
    /// Ours.
    let name: String
    let shape: [Int]
    /// Theirs.
    let source: String
    let sourceShape: [Int]
    /// The part of theirs that is ours, of so many equal ones.
    var part = (index: 0, of: 1)

    var count: Int { shape.reduce(1, *) }
  }

  private(set) var entries: [Entry] = []
  /// Tensors that say nothing that is not known, if they are there.
  private(set) var idle: Set<String> = []

  init(_ configuration: CheckpointConfiguration) {
    switch configuration.architecture {
    case .git: addGIT(configuration)
    case .blip: addBLIP(configuration)
    }
  }

  private mutating func add(_ name: String, _ shape: [Int], _ source: String, as sourceShape: [Int]? = nil) {
    entries.append(Entry(name: name, shape: shape, source: source, sourceShape: sourceShape ?? shape))
  }

  private mutating func addLinear(_ name: String, _ outputs: Int, _ inputs: Int, _ source: String) {
    add(name + ".weight", [outputs, inputs], source + ".weight")
    add(name + ".bias", [outputs], source + ".bias")
  }

  private mutating func addNorm(_ name: String, _ width: Int, _ source: String) {
    add(name + ".weight", [width], source + ".weight")
    add(name + ".bias", [width], source + ".bias")
  }

  private mutating func addVisionLayer(
    _ index: Int, _ sizes: CheckpointConfiguration.Encoder, _ source: String,
    attention: (inout TensorPlan, String, String) -> Void
  ) {
    let (name, source, width) = ("encoder.\(index)", "\(source).encoder.layers.\(index)", sizes.width)
    addNorm(name + ".attention_norm", width, source + ".layer_norm1")
    attention(&self, name + ".attention", source + ".self_attn")
    addNorm(name + ".feed_norm", width, source + ".layer_norm2")
    addLinear(name + ".inner", sizes.feedForward, width, source + ".mlp.fc1")
    addLinear(name + ".outer", width, sizes.feedForward, source + ".mlp.fc2")
  }

  private mutating func addPatches(_ sizes: CheckpointConfiguration.Encoder, _ source: String) {
    add(
      "encoder.patches.weight", [sizes.width, sizes.patchValues],
      source + ".embeddings.patch_embedding.weight",
      as: [sizes.width, 3, sizes.patch, sizes.patch])
  }

  private mutating func addBERTAttention(
    _ name: String, _ norm: String, _ width: Int, entries: Int, _ source: String
  ) {
    addLinear(name + ".query", width, width, source + ".self.query")
    addLinear(name + ".key", width, entries, source + ".self.key")
    addLinear(name + ".value", width, entries, source + ".self.value")
    addLinear(name + ".output", width, width, source + ".output.dense")
    addNorm(norm, width, source + ".output.LayerNorm")
  }

  private mutating func addBERTLayer(
    _ index: Int, _ sizes: CheckpointConfiguration.Decoder, channels: Int?, _ source: String
  ) {
    let (name, source, width) = ("decoder.\(index)", "\(source).layer.\(index)", sizes.width)
    addBERTAttention(name + ".words", name + ".words_norm", width, entries: width, source + ".attention")
    if let channels {
      addBERTAttention(
        name + ".picture", name + ".picture_norm", width, entries: channels, source + ".crossattention")
    }
    addLinear(name + ".inner", sizes.feedForward, width, source + ".intermediate.dense")
    addLinear(name + ".outer", width, sizes.feedForward, source + ".output.dense")
    addNorm(name + ".feed_norm", width, source + ".output.LayerNorm")
  }

  private mutating func addWords(_ sizes: CheckpointConfiguration.Decoder, _ source: String) {
    let width = sizes.width
    add("decoder.embedding.weight", [sizes.words, width], source + ".word_embeddings.weight")
    add("decoder.positions.weight", [sizes.positions, width], source + ".position_embeddings.weight")
    addNorm("decoder.norm", width, source + ".LayerNorm")
    idle.insert(source + ".position_ids")
  }

  private mutating func addGIT(_ configuration: CheckpointConfiguration) {
    let (seeing, writing) = (configuration.encoder, configuration.decoder)
    let vision = "git.image_encoder.vision_model"
    addPatches(seeing, vision)
    add("encoder.whole", [seeing.width], vision + ".embeddings.class_embedding")
    add("encoder.positions", [seeing.tokens, seeing.width], vision + ".embeddings.position_embedding.weight")
    idle.insert(vision + ".embeddings.position_ids")
    addNorm("encoder.first_norm", seeing.width, vision + ".pre_layrnorm")
    for index in 0..<seeing.layers {
      addVisionLayer(index, seeing, vision) { plan, name, source in
        for (ours, theirs) in [
          ("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj"), ("output", "out_proj"),
        ] {
          plan.addLinear("\(name).\(ours)", seeing.width, seeing.width, "\(source).\(theirs)")
        }
      }
    }
    addNorm("encoder.norm", seeing.width, vision + ".post_layernorm")
    addWords(writing, "git.embeddings")
    addLinear("decoder.prefix", writing.width, seeing.width, "git.visual_projection.visual_projection.0")
    addNorm("decoder.prefix_norm", writing.width, "git.visual_projection.visual_projection.1")
    for index in 0..<writing.layers { addBERTLayer(index, writing, channels: nil, "git.encoder") }
    if writing.tiesOutput {
      idle.insert("output.weight")
    } else {
      add("decoder.output.weight", [writing.words, writing.width], "output.weight")
    }
    add("decoder.output.bias", [writing.words], "output.bias")
  }

  /// What is added to the tokens of a clip's frames; each frame's is a tensor of its own.
  static func frameNames(_ frame: Int) -> [String] {
    // The first is how published checkpoints spell it.
    ["git.img_temperal_embedding.\(frame)", "git.img_temporal_embedding.\(frame)"]
  }

  private mutating func addBLIP(_ configuration: CheckpointConfiguration) {
    let (seeing, writing) = (configuration.encoder, configuration.decoder)
    let vision = "vision_model"
    addPatches(seeing, vision)
    add("encoder.patches.bias", [seeing.width], vision + ".embeddings.patch_embedding.bias")
    add(
      "encoder.whole", [seeing.width], vision + ".embeddings.class_embedding", as: [1, 1, seeing.width])
    add(
      "encoder.positions", [seeing.tokens, seeing.width], vision + ".embeddings.position_embedding",
      as: [1, seeing.tokens, seeing.width])
    for index in 0..<seeing.layers {
      addVisionLayer(index, seeing, vision) { plan, name, source in
        let width = seeing.width
        for (part, ours) in ["query", "key", "value"].enumerated() {
          plan.entries.append(
            Entry(
              name: "\(name).\(ours).weight", shape: [width, width], source: source + ".qkv.weight",
              sourceShape: [3 * width, width], part: (part, 3)))
          plan.entries.append(
            Entry(
              name: "\(name).\(ours).bias", shape: [width], source: source + ".qkv.bias",
              sourceShape: [3 * width], part: (part, 3)))
        }
        plan.addLinear(name + ".output", width, width, source + ".projection")
      }
    }
    addNorm("encoder.norm", seeing.width, vision + ".post_layernorm")
    let text = "text_decoder"
    addWords(writing, text + ".bert.embeddings")
    for index in 0..<writing.layers {
      addBERTLayer(index, writing, channels: seeing.width, text + ".bert.encoder")
    }
    let head = text + ".cls.predictions"
    addLinear("decoder.head", writing.width, writing.width, head + ".transform.dense")
    addNorm("decoder.head_norm", writing.width, head + ".transform.LayerNorm")
    if writing.tiesOutput {
      idle.insert(head + ".decoder.weight")
    } else {
      add("decoder.output.weight", [writing.words, writing.width], head + ".decoder.weight")
    }
    add("decoder.output.bias", [writing.words], head + ".bias")
    idle.insert(head + ".decoder.bias")
  }
}
