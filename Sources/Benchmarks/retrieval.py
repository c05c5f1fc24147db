"""How well `narrate library search` finds pictures by what people wrote of them: recall at 1, 5 and 10, by text, by meaning and by both.

usage: retrieval.py NARRATE CATALOGUE CAPTIONS_TSV [SPLIT]
CATALOGUE holds the pictures of SPLIT (val) alone; each of their captions is a query of its own.
"""

import concurrent.futures
import csv
import os
import subprocess
import sys


def main():
    narrate, catalogue, table = sys.argv[1:4]
    split = sys.argv[4] if len(sys.argv) > 4 else "val"
    with open(table, encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["split"] == split]

    def place(row, basis):
        words = row["caption"].replace('"', " ")
        found = subprocess.run(
            [narrate, "library", "search", "--catalogue", catalogue, "--by", basis, "--limit", "10", "--", words],
            check=True, capture_output=True, text=True).stdout.splitlines()
        names = [os.path.basename(line.split("\t")[0]) for line in found]
        return names.index(row["image"]) if row["image"] in names else None

    print("by       R@1    R@5    R@10   queries")
    for basis in ("text", "meaning", "both"):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            places = list(pool.map(lambda row: place(row, basis), rows))
        recall = [sum(p is not None and p < k for p in places) / len(places) for k in (1, 5, 10)]
        print(f"{basis:8} {recall[0]:.3f}  {recall[1]:.3f}  {recall[2]:.3f}  {len(places)}", flush=True)


main()
