#!/usr/bin/env python3
"""Makes stills/: one picture of ours in many formats, and `stills/picture.ppm`, what each must look like.

Needs Pillow, NumPy, tifffile, imagecodecs; ImageMagick, avifenc, heif-enc and gif2webp. The profiles are written by Pillow's
ImageCms or here.
"""
import os, struct, subprocess, zlib
import numpy as np, tifffile
from PIL import Image

os.makedirs("stills", exist_ok=True)
os.chdir("stills")
W, H = 64, 48
y, x = np.mgrid[0:H, 0:W]
picture = np.stack([40 + 3 * x, 60 + 3 * y, 200 - 2 * x], -1).clip(0, 255).astype(np.uint8)
picture[8:24, 8:32] = (220, 40, 40)
picture[28:44, 36:60] = (30, 60, 200)
image = Image.fromarray(picture)
image.save("picture.ppm")
image.save("/tmp/picture.png")


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# TIFF
run("convert", "/tmp/picture.png", "-define", "tiff:tile-geometry=16x16", "tiled.tif")
run("convert", "/tmp/picture.png", "-quality", "95", "-compress", "JPEG", "jpeg.tif")
run("convert", "/tmp/picture.png", "-depth", "12", "12-bit.tif")
run("convert", "/tmp/picture.png", "-colorspace", "CMYK", "cmyk.tif")
tifffile.imwrite("float.tif", (picture / 255).astype("f4"), photometric="rgb")
tifffile.imwrite("half-tiled.tif", (picture / 255).astype("f2"), photometric="rgb", tile=(16, 32))
tifffile.imwrite("planes.tif", (picture / 255).astype("f8").transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate")
tifffile.imwrite("32-bit.tif", picture.astype("u4") * 16843009, photometric="rgb")
tifffile.imwrite("16-bit.tif", picture.astype("u2") * 257, photometric="rgb")
tifffile.imwrite("big.tif", picture, photometric="rgb", bigtiff=True)
tifffile.imwrite("zstd.tif", picture, photometric="rgb", compression="zstd")
half = np.concatenate([picture // 2, np.full((H, W, 1), 128, np.uint8)], -1)
tifffile.imwrite("associated.tif", half, photometric="rgb", extrasamples=["assocalpha"])
straight = np.concatenate([picture, np.full((H, W, 1), 128, np.uint8)], -1)
tifffile.imwrite("unassociated.tif", straight, photometric="rgb", extrasamples=["unassalpha"])
exif = Image.Exif()
exif[274] = 6
turned = image.transpose(Image.Transpose.ROTATE_90)
turned.save("turned.tif", exif=exif.tobytes())
turned.save("turned.webp", exif=exif.tobytes(), lossless=True)
# A camera's: a preview, and the sensor below it.
with tifffile.TiffWriter("preview.dng") as file:
    file.write(
        picture, photometric="rgb", subfiletype=1, subifds=1,
        extratags=[(50706, 1, 4, bytes([1, 4, 0, 0]), True), (271, 2, 0, "Narrate", True), (272, 2, 0, "Narrate", True)])
    file.write(np.full((96, 128), 900, "u2"), photometric=32803, subfiletype=0, extratags=[
        (33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)])

# Lab of D50, as Photoshop writes it, by Little CMS.
from PIL import ImageCms
lab = np.asarray(ImageCms.profileToProfile(
    image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"))
tifffile.imwrite("lab.tif", lab, photometric="cielab")

# HEIF
run("avifenc", "-s", "8", "--min", "0", "--max", "8", "-y", "444", "/tmp/picture.png", "plain.avif")
turned.save("/tmp/turned.png")
run("avifenc", "-s", "8", "--min", "0", "--max", "8", "-y", "444", "--irot", "3", "/tmp/turned.png", "turned.avif")
wide = Image.new("RGB", (W + 32, H), (9, 200, 9))
wide.paste(image, (16, 0))
wide.save("/tmp/wide.png")
run("avifenc", "-s", "8", "--min", "0", "--max", "8", "-y", "444", "--crop", f"16,0,{W},{H}", "/tmp/wide.png", "cropped.avif")
Image.fromarray(straight).save("/tmp/alpha.png")
run("avifenc", "-s", "8", "--min", "0", "--max", "8", "-y", "444", "/tmp/alpha.png", "alpha.avif")
run("heif-enc", "-q", "98", "-p", "chroma=444", "/tmp/picture.png", "-o", "plain.heic")
large = image.resize((128, 128), Image.Resampling.NEAREST)
large.save("/tmp/large.png")
large.save("large.ppm")
run("avifenc", "-s", "8", "--min", "0", "--max", "8", "-y", "444", "--grid", "2x2", "/tmp/large.png", "grid.avif")

# High dynamic range: light of 203 cd/m2 is white (ITU-R BT.2408), in PQ and BT.2020's primaries, 10 bits.
light = np.where(picture / 255 <= 0.04045, picture / 255 / 12.92, ((picture / 255 + 0.055) / 1.055) ** 2.4)
to2020 = np.array([[0.627404, 0.329283, 0.043313], [0.069097, 0.919540, 0.011362], [0.016391, 0.088013, 0.895595]])
power = ((light @ to2020.T).clip(0) * 203 / 10000) ** (2610 / 16384)
pq = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
deep = (pq * 65535 + 0.5).astype(">u2")
rows = b"".join(b"\0" + row.tobytes() for row in deep)
chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
with open("pq.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 16, 2, 0, 0, 0)))
    file.write(chunk(b"cICP", bytes([9, 16, 0, 1])) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
run("avifenc", "-s", "8", "-d", "10", "--min", "0", "--max", "4", "-y", "444", "--cicp", "9/16/9", "-r", "full", "pq.png", "pq.avif")

# Others
image.save("plain.webp", lossless=True)
Image.fromarray(straight).save("alpha.webp", lossless=True)
frames = [image, Image.new("RGB", (W, H), (0, 0, 0))]
frames[0].save("/tmp/moving.webp", save_all=True, append_images=frames[1:], duration=200, lossless=True)
os.replace("/tmp/moving.webp", "moving.webp")
image.save("plain.tga")
image.save("plain.ico", sizes=[(W, H)], bitmap_format="png")
image.save("bitmap.ico", sizes=[(W, H)], bitmap_format="bmp")
image.save("plain.pcx")
image.save("plain.sgi")
for name in ("psd", "pam", "jp2"):
    run("convert", "/tmp/picture.png", "-compress", "RLE", "-quality", "100", f"plain.{name}")
bmp = struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54 + W * H * 4, 0, 54, 40, W, H, 1, 32, 0, 0, 0, 0, 0, 0)
fourth = np.zeros((H, W, 1), np.uint8)
fourth[::2] = 77
open("fourth-byte.bmp", "wb").write(bmp + np.concatenate([picture[::-1, :, ::-1], fourth], -1).tobytes())

# Profiles: what the levels mean is another thing, the picture is the same.
def profile(primaries, gamma):
    def tag(kind, data):
        return kind + b"\0\0\0\0" + data
    fixed = lambda values: b"".join(struct.pack(">i", round(v * 65536)) for v in values)
    curve = tag(b"curv", struct.pack(">IH", 1, round(gamma * 256))) + b"\0\0"
    tags = [(b"rXYZ", tag(b"XYZ ", fixed(primaries[0]))), (b"gXYZ", tag(b"XYZ ", fixed(primaries[1]))),
            (b"bXYZ", tag(b"XYZ ", fixed(primaries[2]))), (b"wtpt", tag(b"XYZ ", fixed((0.9642, 1, 0.8249)))),
            (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve),
            (b"desc", tag(b"desc", struct.pack(">I", 5) + b"ours\0" + b"\0" * 79)), (b"cprt", tag(b"text", b"CC0\0"))]
    table, data, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags:
        content += b"\0" * (-len(content) % 4)
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s12s4s4sIIII8s12s4s44s", start + len(data), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ",
                       b"\x07\xea\0\1\0\1\0\0\0\0\0\0", b"acsp", b"\0\0\0\0", 0, 0, 0, 0, b"\0" * 8, fixed((0.9642, 1, 0.8249)), b"", b"")
    return head + struct.pack(">I", len(tags)) + table + data

srgb = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
linear = (light * 65535 + 0.5).astype(np.uint16)
icc = profile(srgb, 1.0)
def png16(name, values, icc):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 16, 2, 0, 0, 0)))
        file.write(chunk(b"iCCP", b"ours\0\0" + zlib.compress(icc)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
png16("linear.png", linear, icc)
swapped = profile((srgb[1], srgb[2], srgb[0]), 2.2)
gamma = (light ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)[:, :, [1, 2, 0]]
Image.fromarray(gamma).save("swapped.png", icc_profile=swapped)
Image.fromarray(gamma).save("swapped.webp", icc_profile=swapped, lossless=True)
Image.fromarray(gamma).save("swapped.tif", icc_profile=swapped)
Image.fromarray(gamma).save("swapped.jpg", icc_profile=swapped, quality=98, subsampling=0)
image.save("srgb.jpg", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), quality=98, subsampling=0)
raw = b"Exif\0\0" + exif.tobytes()[6:] if exif.tobytes().startswith(b"Exif") else b"Exif\0\0" + exif.tobytes()
text = b"\nexif\n%8d\n" % len(raw) + raw.hex().encode() + b"\n"
turned.save("/tmp/plainturned.png")
data = open("/tmp/plainturned.png", "rb").read()
open("raw-profile.png", "wb").write(data[:33] + chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text)) + data[33:])
