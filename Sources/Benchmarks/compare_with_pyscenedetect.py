"""Narrate's shot detection beside PySceneDetect's, on the same file, in one run.

    pip install scenedetect opencv-python-headless
    swift build -c release
    python Sources/Benchmarks/compare_with_pyscenedetect.py VIDEO...

Rounds alternate between the programs; the medians of the seconds and the number of transitions are printed.
"""

import argparse
import json
import statistics
import subprocess
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--narrate", default=".build/release/narrate")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("videos", nargs="+")
    arguments = parser.parse_args()
    from scenedetect import AdaptiveDetector, ContentDetector, detect

    for video in arguments.videos:
        times, found = {}, {}
        for _ in range(arguments.rounds):
            result = json.loads(subprocess.run(
                [arguments.narrate, "benchmark", "--video", video, "--rounds", "1", "--format", "json"],
                check=True, capture_output=True, text=True).stdout)
            times.setdefault("narrate", []).append(result["shots_seconds"])
            found["narrate"] = result["transitions"]
            for detector in (AdaptiveDetector, ContentDetector):
                start = time.perf_counter()
                scenes = detect(video, detector())
                times.setdefault(detector.__name__, []).append(time.perf_counter() - start)
                found[detector.__name__] = max(len(scenes) - 1, 0)
        print(video)
        for name, values in times.items():
            print(f"  {name:18}{statistics.median(values):7.3f} s  {found[name]} transitions")


main()
