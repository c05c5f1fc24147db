"""A folder of JPEG photographs as cameras make them, from small pictures: for timing what decoding costs.

    pip install numpy pillow
    python Sources/Benchmarks/make_photographs.py --output FOLDER [--count 500] [--seed 1] PICTURE_OR_FOLDER...

The photographs have 1 to 12 megapixels, spread evenly on a logarithmic scale, 4:3 or 3:2, one in three upright, quality
85 to 95, chroma at half resolution, baseline. A small picture enlarged is smooth, and a smooth JPEG costs little to
decode; so detail is added, noise in three octaves, stronger where the picture has contrast, of such a strength that the
file has 0.25 to 0.4 megabytes for each megapixel. The same seed and pictures give the same files.
"""

import argparse
import io
import math
import multiprocessing
import os

import numpy as np
from PIL import Image, ImageFilter

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def enlarged_noise(random, size, scale):
    """Noise without detail finer than about `scale` pixels, of standard deviation 1: [height, width]."""
    width, height = (math.ceil(side / scale) for side in size)
    noise = Image.fromarray(random.standard_normal((height, width), np.float32))
    array = np.asarray(noise.resize(size, Image.Resampling.BICUBIC))
    return array / array.std()


def contrast(picture, size):
    """How much is going on at each place, 0.3 to about 2, mean 1: [height, width]."""
    grey = picture.convert("L")
    smooth = grey.filter(ImageFilter.GaussianBlur(4))
    difference = np.abs(np.asarray(grey, np.float32) - np.asarray(smooth, np.float32))
    local = Image.fromarray(difference).convert("L").filter(ImageFilter.GaussianBlur(6))
    local = np.asarray(local.convert("F").resize(size, Image.Resampling.BILINEAR))
    return 0.3 + 0.7 * np.minimum(local / max(float(local.mean()), 0.5), 3)


def jpeg(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return file.getvalue()


def with_detail(picture, detail, strength):
    return np.clip(picture + strength * detail[..., None], 0, 255).astype(np.uint8)


def strength_for(picture, detail, quality, wanted):
    """The detail's strength at which a pixel takes `wanted` bytes, found by bisection on a dozen pieces."""
    height, width = detail.shape
    side, pieces = 256, []
    for row in range(3):
        for column in range(4):
            y, x = (height - side) * row // 2, (width - side) * column // 3
            pieces.append((slice(y, y + side), slice(x, x + side)))
    joined = np.concatenate([picture[piece] for piece in pieces])
    noise = np.concatenate([detail[piece] for piece in pieces])
    low, high = 0.0, 40.0
    for _ in range(9):
        middle = (low + high) / 2
        size = len(jpeg(with_detail(joined, noise, middle), quality)) / noise.size
        low, high = (middle, high) if size < wanted else (low, middle)
    return (low + high) / 2


def make(job):
    """Writes one photograph. Returns its megapixels and bytes."""
    index, count, seed, source, target = job
    random = np.random.default_rng([seed, index])
    pixels = 1e6 * 12 ** ((index + 0.5) / count)
    ratio = (4 / 3, 3 / 2)[index % 2]
    width, height = round(math.sqrt(pixels * ratio)), round(math.sqrt(pixels / ratio))
    if index % 3 == 2:
        width, height = height, width
    with Image.open(source) as file:
        small = file.convert("RGB")
    # The middle of the small picture, in the photograph's proportions.
    scale = min(small.width / width, small.height / height)
    left, top = max(0, (small.width - width * scale) / 2), max(0, (small.height - height * scale) / 2)
    box = (left, top, small.width - left, small.height - top)
    large = small.resize((width, height), Image.Resampling.LANCZOS, box=box)
    local = contrast(small.crop(tuple(round(side) for side in box)), (width, height))
    octaves = sum(
        share * enlarged_noise(random, (width, height), scale) for scale, share in ((1.5, 1), (3, 0.7), (6, 0.5)))
    detail = (octaves * local).astype(np.float32)
    share = random.random()
    quality = 85 + round(10 * share)
    wanted = 0.25 + 0.15 * min(1, max(0, share + random.uniform(-0.2, 0.2)))
    picture = np.asarray(large, np.float32)
    data = jpeg(with_detail(picture, detail, strength_for(picture, detail, quality, wanted)), quality)
    with open(target, "wb") as file:
        file.write(data)
    return width * height / 1e6, len(data) / 1e6


def sources(paths):
    for path in paths:
        if os.path.isdir(path):
            yield from (os.path.join(path, name) for name in os.listdir(path) if name.lower().endswith(SUFFIXES))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True, help="the folder, made if need be")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("pictures", nargs="+", metavar="PICTURE_OR_FOLDER")
    arguments = parser.parse_args()

    found = sorted(sources(arguments.pictures))
    random = np.random.default_rng(arguments.seed)
    order = random.permutation(len(found))
    os.makedirs(arguments.output, exist_ok=True)
    # Sizes are mixed over the folder's order, so that any part of it is like the whole.
    places = random.permutation(arguments.count)
    jobs = [
        (int(index), arguments.count, arguments.seed, found[order[place % len(found)]],
         os.path.join(arguments.output, f"photograph_{place:04}.jpg"))
        for place, index in enumerate(places)
    ]
    with multiprocessing.Pool(arguments.processes) as pool:
        results = np.array(pool.map(make, jobs, chunksize=4))
    pixels, sizes = results.sum(0)
    print(f"{len(results)} photographs, {results[:, 0].min():.1f} to {results[:, 0].max():.1f} megapixels, mean "
          f"{pixels / len(results):.1f}; {sizes:.0f} MB, {sizes / pixels:.2f} MB a megapixel")


if __name__ == "__main__":
    main()
