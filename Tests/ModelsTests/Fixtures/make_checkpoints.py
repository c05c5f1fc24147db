"""Writes checkpoints of random weights as Hugging Face's transformers saves them, and what transformers makes of pictures with them.

    pip install torch numpy pillow safetensors transformers
    python Tests/ModelsTests/Fixtures/make_checkpoints.py
    python Tests/ModelsTests/Fixtures/make_checkpoints.py --full git-base git-base

The first line writes `checkpoints/git`, `checkpoints/git-clip` and `checkpoints/blip`, small ones, and beside each
`golden.safetensors`:

    pictures         [40, side, side, 3] bytes, the networks' squares: smooth noise
    tokens           [positions, width] what the encoder makes of the first picture (of git-clip: of the first three, one after the
                     other)
    logits           [words, vocabulary] of the first picture's caption by greedy search, word by word
    greedy           [40, 12] bytes, the captions' pieces without the beginning, 0 after the end
    beam             [40, 12] bytes, the same of a beam of 3
    attention        [patches] of the first word of the first picture: the last layer's, its heads' mean, over the patches

and `checkpoints/processing.safetensors`, a photograph as the processors of GIT and BLIP resize it.

Weights are rounded to half precision, in which they are imported. They are large enough, and the end is likely enough, that
captions differ from picture to picture and end. `--full` writes one of the sizes of the published ones (git-base, git-large, blip-base,
blip-large) with a synthetic vocabulary.
"""

import argparse
import json
import os
import pathlib

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import BlipConfig, BlipForConditionalGeneration, GitConfig, GitForCausalLM

HERE = pathlib.Path(__file__).parent
PICTURES, STEPS = 40, 12
MEAN, DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def git(side, patch, seeing, writing, words, frames=None, **more):
    """seeing, writing: (width, feed-forward, layers, heads)"""
    vision = dict(zip(["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"], seeing))
    text = dict(zip(["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"], writing))
    config = GitConfig(
        vision_config=dict(image_size=side, patch_size=patch, **vision), vocab_size=words,
        num_image_with_embedding=frames, **text, **more)
    return GitForCausalLM(config)


def blip(side, patch, seeing, writing, words, **more):
    vision = dict(zip(["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"], seeing))
    text = dict(zip(["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"], writing))
    config = BlipConfig(
        vision_config=dict(image_size=side, patch_size=patch, **vision), text_config=dict(vocab_size=words, **text, **more))
    return BlipForConditionalGeneration(config)


FULL = {
    "git-base": lambda: git(224, 16, (768, 3072, 12, 12), (768, 3072, 6, 12), 30522),
    "git-large": lambda: git(224, 14, (1024, 4096, 24, 16), (768, 3072, 6, 12), 30522),
    "blip-base": lambda: blip(384, 16, (768, 3072, 12, 12), (768, 3072, 12, 12), 30524),
    "blip-large": lambda: blip(384, 16, (1024, 4096, 24, 16), (768, 3072, 12, 12), 30524),
}


def liven(model, end, likelihood, scale):
    """Random weights whose captions are not degenerate, rounded to half precision."""
    generator = torch.Generator().manual_seed(0)
    output = model.get_output_embeddings() if hasattr(model, "git") else model.text_decoder.cls.predictions.decoder
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                width = parameter[0].numel()
                deviation = scale / width**0.5 if "embedding" not in name else 0.3
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * deviation)
            elif name.endswith("bias"):
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)
            elif "class_embedding" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
            else:
                parameter.copy_(1 + torch.randn(parameter.shape, generator=generator) * 0.1)
        model.tie_weights()
        output.bias[end] += likelihood
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    return model.eval()


def vocabulary(words, markers):
    """A piece for each index: markers, letters, and words and ends of words of four letters."""
    letters = "etaoinsrhldcum"
    pieces = []
    for index in range(words):
        name, rest = "", index
        for _ in range(4):
            name, rest = name + letters[rest % len(letters)], rest // len(letters)
        pieces.append(markers.get(index, ("##" if index % 4 == 3 else "") + name))
    return pieces


def save(model, folder, pieces, crops):
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    side = model.config.vision_config.image_size
    size = {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {"do_resize": True, "do_center_crop": crops, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
             "resample": 3, "image_mean": MEAN, "image_std": DEVIATION}
            | (size if crops else {"size": {"height": side, "width": side}}), indent=1) + "\n")
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\n\nRandom weights, by make_checkpoints.py.\n")


def pictures(count, side):
    """Smooth noise, [count, side, side, 3] bytes."""
    random = np.random.default_rng(0)
    result = []
    for _ in range(count):
        small = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        result.append(np.asarray(Image.fromarray(small).resize((side, side), Image.BICUBIC)))
    return np.stack(result)


def normalized(images):
    x = torch.from_numpy(images.astype(np.float32)) / 255
    return ((x - torch.tensor(MEAN)) / torch.tensor(DEVIATION)).permute(0, 3, 1, 2).contiguous()


def generate(model, pixels, beams, clip=False):
    settings = dict(max_new_tokens=STEPS, num_beams=beams, do_sample=False)
    rows = []
    for index in range(len(pixels)):
        own = pixels[index:index + 1] if not clip else clip_of(pixels, index)
        ids = model.generate(pixel_values=own, **settings)[0].tolist()
        ids = ids[1:]
        end = model.config.eos_token_id if clip or hasattr(model, "git") else model.config.text_config.sep_token_id
        ids = ids[:ids.index(end) + 1] if end in ids else ids
        rows.append(ids + [0] * (STEPS - len(ids)))
    return torch.tensor(rows, dtype=torch.uint8)


def clip_of(pixels, index):
    """Three pictures from one on, as frames."""
    return torch.stack([pixels[(index + frame) % len(pixels)] for frame in range(3)])[None]


@torch.no_grad()
def golden(model, folder, clip=False):
    isGIT = hasattr(model, "git")
    side = model.config.vision_config.image_size
    images = pictures(PICTURES, side)
    pixels = normalized(images)
    greedy, beam = generate(model, pixels, 1, clip), generate(model, pixels, 3, clip)
    first = clip_of(pixels, 0) if clip else pixels[:1]
    if isGIT:
        frames = first[0] if clip else first
        tokens = torch.cat([model.git.image_encoder(frame[None]).last_hidden_state[0] for frame in frames])
        start = model.config.bos_token_id
    else:
        tokens = model.vision_model(first).last_hidden_state[0]
        start = model.config.text_config.bos_token_id
    words = greedy[0].tolist()
    words = [start] + words[:words.index(0) if 0 in words else STEPS][:-1]
    ids = torch.tensor([words])
    cells = tokens.shape[0]
    if isGIT:
        output = model(input_ids=ids, pixel_values=first, output_attentions=True)
        logits, weights = output.logits[0, cells:], output.attentions[-1][0, :, cells, :cells]
    else:
        output = model.text_decoder(
            input_ids=ids, encoder_hidden_states=tokens[None], output_attentions=True)
        logits, weights = output.logits[0], output.cross_attentions[-1][0, :, 0, :]
    patches = (side // model.config.vision_config.patch_size) ** 2
    frames = cells // (patches + 1)
    weights = weights.mean(0).reshape(frames, patches + 1)[:, 1:].reshape(-1)
    print(folder.name, "different captions:", len({tuple(row.tolist()) for row in greedy}), len({tuple(row.tolist()) for row in beam}),
          "mean length:", float((beam > 0).sum(1).float().mean()), "ended:", int((beam[:, -1] == 0).sum()))
    save_file(
        {"pictures": torch.from_numpy(images).reshape(-1), "tokens": tokens.contiguous(), "logits": logits.contiguous(),
         "greedy": greedy.reshape(-1), "beam": beam.reshape(-1), "attention": (weights / weights.sum()).contiguous()},
        folder / "golden.safetensors")


def processing():
    """A photograph by the processors of both."""
    from transformers import BlipImageProcessorPil, CLIPImageProcessorPil

    photograph = Image.open(HERE / "../../../assets/dog.jpg").convert("RGB").resize((330, 222), Image.LANCZOS)
    crop = CLIPImageProcessorPil(size={"shortest_edge": 112}, crop_size={"height": 112, "width": 112})
    stretch = BlipImageProcessorPil(size={"height": 96, "width": 96})
    result = {"photograph": torch.from_numpy(np.array(photograph)).reshape(-1)}
    for name, processor in (("crop", crop), ("stretch", stretch)):
        result[name] = torch.from_numpy(np.asarray(processor(photograph, return_tensors="np")["pixel_values"][0])).contiguous()
    save_file(result, HERE / "checkpoints/processing.safetensors")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", nargs=2, metavar=("KIND", "FOLDER"))
    arguments = parser.parse_args()
    torch.manual_seed(0)
    if arguments.full:
        kind, folder = arguments.full
        isGIT = kind.startswith("git")
        model = liven(FULL[kind](), 102, 0, 1.0)
        markers = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
        save(model, pathlib.Path(folder), vocabulary(30522, markers), crops=isGIT)
        return
    sizes = dict(bos_token_id=1, max_position_embeddings=32)
    markers = {0: "[PAD]", 1: "[CLS]", 2: "[SEP]", 3: "[UNK]"}
    for name, frames, end in (("git", None, 1.5), ("git-clip", 3, 3.5)):
        model = git(32, 8, (32, 64, 2, 4), (24, 48, 2, 3), 64, frames, eos_token_id=2, **sizes)
        folder = HERE / "checkpoints" / name
        liven(model, 2, end, 2.5)
        save(model, folder, vocabulary(64, markers), crops=True)
        golden(model, folder, clip=frames is not None)
    model = blip(32, 8, (32, 64, 2, 4), (24, 48, 2, 3), 66, **(sizes | {"bos_token_id": 64, "sep_token_id": 2, "eos_token_id": 3}))
    folder = HERE / "checkpoints/blip"
    liven(model, 2, 2.0, 2.5)
    save(model, folder, vocabulary(64, markers), crops=False)
    golden(model, folder)
    processing()


main()
