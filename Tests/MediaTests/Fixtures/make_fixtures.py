"""Makes the pictures of MediaTests, and for each NAME.png or NAME.jpg the pixels it must give, as NAME.ppm.

    python make_fixtures.py     (needs numpy, Pillow, and cjpeg of libjpeg-turbo)

PNG pixels are worked out here from the samples written, and compared with Pillow's where Pillow keeps all
bits. JPEG pixels are Pillow's.
"""
import itertools, os, struct, subprocess, tempfile, zlib

import numpy as np
from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)


def at(name):
    return os.path.join(HERE, name)


def write_ppm(name, rgb):
    height, width, _ = rgb.shape
    with open(at(name + ".ppm"), "wb") as file:
        file.write(b"P6\n%d %d\n255\n" % (width, height) + rgb.astype(np.uint8).tobytes())


# ---- PNG, written by hand: Pillow writes few of the kinds

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_start(width, height, depth, color, interlaced):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)


def packed_rows(samples, depth):
    """Samples [height, width, channels] as filtered scan lines; every filter type in turn."""
    height, width, channels = samples.shape
    step = max(1, channels * depth // 8)
    result, above = b"", None
    for y in range(height):
        flat = samples[y].reshape(-1)
        if depth == 16:
            row = flat.astype(">u2").tobytes()
        elif depth == 8:
            row = flat.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(v, f"0{depth}b") for v in flat)
            bits += "0" * (-len(bits) % 8)
            row = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        above = above or bytes(len(row))
        kind = y % 5
        out = []
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = above[i]
            c = above[i - step] if i >= step else 0
            p = a + b - c
            paeth = min((a, b, c), key=lambda v: abs(p - v))
            out.append((value - (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
        result += bytes([kind]) + bytes(out)
        above = row
    return result


def png_bytes(samples, depth, color, palette=None, trns=None, interlaced=False, before=b"", after=b""):
    height, width, _ = samples.shape
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        raw = b"".join(packed_rows(p, depth) for p in passes if p.size)
    else:
        raw = packed_rows(samples, depth)
    data = zlib.compress(raw, 9)
    parts = [png_start(width, height, depth, color, interlaced), before]
    if palette is not None:
        parts.append(chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
    if trns is not None:
        parts.append(chunk(b"tRNS", trns))
    half = len(data) // 2
    parts += [chunk(b"IDAT", data[:half]), chunk(b"IDAT", data[half:]), after, chunk(b"IEND")]
    return b"".join(parts)


def expected_rgb(samples, depth, color, palette=None, trns=None):
    top = (1 << depth) - 1
    alpha = np.full(samples.shape[:2], 255)
    levels = (samples.astype(np.int64) * 255 + top // 2) // top
    if color == 3:
        rgb = palette[samples[..., 0]].astype(np.int64)
        if trns is not None:
            alpha = np.array(list(trns) + [255] * (256 - len(trns)))[samples[..., 0]]
    else:
        rgb = np.repeat(levels[..., :1], 3, -1) if color in (0, 4) else levels[..., :3]
        if color in (4, 6):
            alpha = levels[..., -1]
        elif trns is not None:
            key = np.array(struct.unpack(f">{CHANNELS[color]}H", trns))
            alpha = np.where((samples == key).all(-1), 0, 255)
    alpha = alpha[..., None]
    return (rgb * alpha + 255 * (255 - alpha) + 127) // 255


def pillow_rgb(path):
    image = Image.open(path).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return np.asarray(white.convert("RGB")).astype(int)


def make_png(name, samples, depth, color, **options):
    with open(at(name + ".png"), "wb") as file:
        file.write(png_bytes(samples, depth, color, **options))
    options = {k: v for k, v in options.items() if k in ("palette", "trns")}
    rgb = expected_rgb(samples, depth, color, **options)
    write_ppm(name, rgb)
    if depth == 16 and color == 0 or "trns" in options and color in (0, 2):
        return  # Pillow clips 16-bit gray, and takes colour keys for 8 bits
    worst = np.abs(rgb - pillow_rgb(at(name + ".png"))).max()
    assert worst <= (2 if depth == 16 else 0), (name, worst)  # Pillow takes the high byte


def make_pngs():
    width, height = 13, 9
    kinds = [(0, d) for d in (1, 2, 4, 8, 16)] + [(3, d) for d in (1, 2, 4, 8)]
    kinds += [(c, d) for c in (2, 4, 6) for d in (8, 16)]
    names = {0: "gray", 2: "rgb", 3: "palette", 4: "gray-alpha", 6: "rgba"}
    for (color, depth), interlaced in itertools.product(kinds, (False, True)):
        channels = CHANNELS[color]
        samples = rng.integers(0, 1 << depth, (height, width, channels))
        suffix = "-interlaced" if interlaced else ""
        base = f"{names[color]}{depth}"
        palette = rng.integers(0, 256, (1 << depth, 3)) if color == 3 else None
        options = {"interlaced": interlaced} | ({"palette": palette} if color == 3 else {})
        make_png(base + suffix, samples, depth, color, **options)
        if color in (0, 2):
            trns = struct.pack(f">{channels}H", *map(int, samples[4, 6]))
            # Near the key, but not it: equal when only the high byte is compared.
            if depth == 16:
                samples[4, 7] = samples[4, 6] ^ 1
            make_png(base + "-key" + suffix, samples, depth, color, trns=trns, **options)
        if color == 3:
            trns = bytes(map(int, rng.integers(0, 256, max(1, (1 << depth) - 1))))
            make_png(base + "-alpha" + suffix, samples, depth, color, trns=trns, **options)

    rgb = rng.integers(0, 256, (height, width, 3))
    make_png("one-pixel", rgb[:1, :1], 8, 2)
    make_png("gamma", rgb, 8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000)))
    profile = chunk(b"iCCP", b"nonsense\0\0" + zlib.compress(b"not a profile"))
    text = chunk(b"tEXt", b"Comment\0hello") + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"hello"))
    make_png("odd-chunks", rgb, 8, 2, before=profile + text, after=text)
    control = struct.pack(">IIIIIHHBB", 0, width, height, 0, 0, 1, 10, 0, 0)
    second = struct.pack(">IIIIIHHBB", 1, width, height, 0, 0, 1, 10, 0, 0)
    other = struct.pack(">I", 2) + zlib.compress(packed_rows(255 - rgb, 8))
    make_png(
        "animated", rgb, 8, 2,
        before=chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", control),
        after=chunk(b"fcTL", second) + chunk(b"fdAT", other))
    with open(at("huge.png"), "wb") as file:
        file.write(png_start(60000, 60000, 8, 6, False))
        file.write(chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND"))


# ---- JPEG

def scene(width, height):
    """Smooth colours and a few edges; no symmetry."""
    y, x = np.mgrid[0:height, 0:width]
    red = 255 * x / max(width - 1, 1)
    green = 255 * y / max(height - 1, 1)
    blue = 127 + 127 * np.sin(x / 5) * np.cos(y / 7)
    rgb = np.stack([red, green, blue], -1)
    rgb[height // 4:height // 2, width // 2:width * 3 // 4] = (250, 240, 20)
    return rgb.astype(np.uint8)


def pillow_golden(name):
    write_ppm(name, np.asarray(Image.open(at(name + ".jpg")).convert("RGB")))


def cjpeg(name, rgb, *arguments):
    height, width, _ = rgb.shape
    source = b"P6\n%d %d\n255\n" % (width, height) + rgb.tobytes()
    command = ["cjpeg", "-quality", "90", *arguments]
    data = subprocess.run(command, input=source, stdout=subprocess.PIPE, check=True).stdout
    with open(at(name + ".jpg"), "wb") as file:
        file.write(data)
    pillow_golden(name)
    return data


def write_jpeg(name, data):
    with open(at(name + ".jpg"), "wb") as file:
        file.write(data)


def adobe_marker(data):
    """Offset of the Adobe segment's marker."""
    offset = data.index(b"\xff\xee")
    assert data[offset + 4:offset + 9] == b"Adobe"
    return offset


def make_jpegs():
    rgb = scene(45, 31)
    for sampling in ("1x1", "2x2", "2x1", "1x2", "4x1"):
        cjpeg("sampling-" + sampling, rgb, "-sample", sampling)
    cjpeg("progressive", rgb, "-progressive")
    cjpeg("gray", rgb, "-grayscale")
    cjpeg("gray-progressive", rgb, "-grayscale", "-progressive")
    cjpeg("rgb", rgb, "-rgb")
    cjpeg("restarts", rgb, "-restart", "1")
    cjpeg("arithmetic", rgb, "-arithmetic")
    cjpeg("pixel", scene(1, 1))

    black = np.tile(np.linspace(0, 160, 45).astype(np.uint8), (31, 1))[..., None]
    ink = np.concatenate([255 - rgb, black], -1)
    Image.fromarray(ink, "CMYK").save(at("cmyk.jpg"), quality=90)
    pillow_golden("cmyk")
    data = open(at("cmyk.jpg"), "rb").read()
    offset = adobe_marker(data)
    write_jpeg("cmyk-unmarked", data[:offset] + data[offset + 16:])
    pillow_golden("cmyk-unmarked")

    # YCCK: its stored YCC is of the stored (inverted) ink turned over; Adobe's transform byte says so.
    ycc = np.asarray(Image.fromarray(ink[..., :3]).convert("YCbCr"))
    stored = np.concatenate([ycc, 255 - ink[..., 3:]], -1)
    Image.fromarray(255 - stored, "CMYK").save(at("ycck.jpg"), quality=90)
    data = open(at("ycck.jpg"), "rb").read()
    offset = adobe_marker(data)
    write_jpeg("ycck", data[:offset + 15] + b"\x02" + data[offset + 16:])
    pillow_golden("ycck")
    assert np.abs(np.asarray(Image.open(at("ycck.jpg")).convert("RGB")).astype(int)
                  - np.asarray(Image.open(at("cmyk.jpg")).convert("RGB"))).mean() < 4

    data = open(at("sampling-1x1.jpg"), "rb").read()
    table = data.index(b"\xff\xdb")
    write_jpeg("junk-between-markers", data[:table] + b"\x00\x01\x02" + data[table:])
    write_ppm("junk-between-markers", np.asarray(Image.open(at("sampling-1x1.jpg"))))
    frame = data.index(b"\xff\xc0")
    write_jpeg("huge", data[:frame + 5] + struct.pack(">HH", 60000, 60000) + data[frame + 9:])
    write_jpeg("twelve-bits", data[:frame + 4] + b"\x0c" + data[frame + 5:])

    with tempfile.NamedTemporaryFile("w", suffix=".txt") as script:
        script.write("0;\n1;\n2;\n")
        script.flush()
        data = cjpeg("scans", rgb, "-scans", script.name)
    scans = [i for i in range(len(data) - 1) if data[i:i + 2] == b"\xff\xda"]
    tables = data.rfind(b"\xff\xc4", 0, scans[2])
    tables = tables if tables > scans[1] else scans[2]
    write_jpeg("many-scans", data[:tables] + data[scans[1]:tables] * 150 + data[tables:])

    Image.fromarray(scene(200, 120)).save(at("large.jpg"), quality=80)
    pillow_golden("large")


# ---- Exif

# The Image.Transpose that stores an upright picture as each orientation says.
INVERSE = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}


def tiff(orientation, order):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHI4s", 0x010F, 2, 4, b"cam\0")
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "IH", 8, 2) + entries + struct.pack(order + "I", 0)


def make_oriented():
    upright = Image.fromarray(scene(24, 16))
    write_ppm("oriented", np.asarray(upright))
    for orientation, inverse in INVERSE.items():
        stored = upright if inverse is None else upright.transpose(Image.Transpose(inverse))
        order = "<>"[orientation % 2]
        exif = tiff(orientation, order)
        name = at(f"oriented{orientation}")
        stored.save(name + ".jpg", quality=95, subsampling=0, exif=b"Exif\0\0" + exif)
        place = {"before": chunk(b"eXIf", exif)} if orientation % 3 else {"after": chunk(b"eXIf", exif)}
        with open(name + ".png", "wb") as file:
            file.write(png_bytes(np.asarray(stored), 8, 2, **place))
        for kind in (".png", ".jpg"):
            shown = np.asarray(ImageOps.exif_transpose(Image.open(name + kind)).convert("RGB")).astype(int)
            if kind == ".png" and "after" in place:
                continue  # Pillow has read no chunk after the picture when it is asked
            assert np.abs(shown - np.asarray(upright)).mean() < 3, name + kind


# ---- Resizing

SIZES = [(11, 9), (61, 53), (20, 53), (61, 9), (37, 12), (20, 29), (74, 58), (1, 1), (3, 200), (36, 28)]


def make_resized():
    rgb = rng.integers(0, 256, (29, 37, 3))
    rgb[5:20, 8:25] = (255, 0, 128)
    rgb[10:15] = 0
    make_png("resize", rgb, 8, 2)
    source = Image.fromarray(rgb.astype(np.uint8))
    for width, height in SIZES:
        across = Image.Resampling.LANCZOS if width < source.width else Image.Resampling.BICUBIC
        down = Image.Resampling.LANCZOS if height < source.height else Image.Resampling.BICUBIC
        result = source.resize((width, source.height), across).resize((width, height), down)
        write_ppm(f"resize-{width}x{height}", np.asarray(result))


if __name__ == "__main__":
    make_pngs()
    make_jpegs()
    make_oriented()
    make_resized()
