"""Follows things by OpenCV's CSRT and KCF, and scores them as `narrate evaluate --track` does (OTB's one-pass evaluation).

    python compare_trackers.py DIR [NAME…]

DIR has a folder for each sequence, with its frames in img/ and a box a line in groundtruth_rect.txt. Needs
opencv-contrib-python-headless and numpy.
"""
import pathlib
import re
import sys
import time

import cv2
import numpy as np


def make(kind):
    for place in (cv2, getattr(cv2, "legacy", None)):
        maker = getattr(place, f"Tracker{kind}_create", None)
        if maker:
            return maker()
    raise SystemExit(f"no Tracker{kind} in OpenCV {cv2.__version__}")


def overlap(a, b):
    left, top = max(a[0], b[0]), max(a[1], b[1])
    right, bottom = min(a[0] + a[2], b[0] + b[2]), min(a[1] + a[3], b[1] + b[3])
    common = max(0, right - left) * max(0, bottom - top)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def score(folder, kind):
    truth = [
        [float(number) for number in re.split(r"[,\s]+", line.strip())]
        for line in (folder / "groundtruth_rect.txt").read_text().splitlines() if line.strip()
    ]
    frames = sorted(path for path in (folder / "img").iterdir() if path.suffix.lower() in (".jpg", ".png"))
    tracker, overlaps, distances, seconds = make(kind), [], [], 0.0
    box = None
    for index, (path, true) in enumerate(zip(frames, truth)):
        image = cv2.imread(str(path))
        true = [true[0] - 1, true[1] - 1, *true[2:]]
        began = time.process_time()
        if index == 0:
            tracker.init(image, tuple(int(number) for number in true))
            box = true
        else:
            found, new = tracker.update(image)
            if found:
                box = new
        seconds += time.process_time() - began
        if true[2] <= 0 or true[3] <= 0:
            continue
        overlaps.append(overlap(box, true))
        distances.append(np.hypot(box[0] + box[2] / 2 - true[0] - true[2] / 2, box[1] + box[3] / 2 - true[1] - true[3] / 2))
    curve = [np.mean(np.array(overlaps) > threshold) for threshold in np.linspace(0, 1, 21)]
    return np.mean(curve), np.mean(np.array(distances) <= 20), len(overlaps) / seconds


def main():
    root = pathlib.Path(sys.argv[1])
    names = sys.argv[2:] or sorted(path.name for path in root.iterdir() if (path / "groundtruth_rect.txt").exists())
    for kind in ("CSRT", "KCF"):
        results = []
        for name in names:
            results.append(score(root / name, kind))
            print(f"{kind}\t{name}\t{results[-1][0]:.3f}\t{results[-1][1]:.3f}\t{results[-1][2]:.1f}", flush=True)
        mean = np.mean(results, axis=0)
        print(f"{kind}\tmean\t{mean[0]:.3f}\t{mean[1]:.3f}\t{mean[2]:.1f} frames a second of processor time", flush=True)


main()
