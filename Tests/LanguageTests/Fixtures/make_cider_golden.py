"""Golden values of CIDEr by pycocoevalcap.

    pip install pycocoevalcap
    python make_cider_golden.py > cider_golden.json

The sentences are made up for this test.
"""

import json

from pycocoevalcap.cider.cider_scorer import CiderScorer

IMAGES = [
    ("a dog runs on the grass", ["a brown dog runs on the grass", "the dog is running through a field",
                                 "a dog runs", "a dog plays on green grass", "a brown dog in a field"]),
    ("a man rides a bike", ["a man rides a red bike down a hill", "a cyclist on a mountain trail",
                            "a man on a bike", "the man rides a bicycle in the woods", "a man rides a bike"]),
    ("two children play", ["two children play in the water", "children splash in a pool",
                           "two kids play with water", "a boy and a girl in the pool", "two children swim"]),
    ("a a a a dog", ["a cat sleeps on a sofa", "the cat is asleep", "a gray cat on a couch",
                     "a cat lies on a pillow", "a sleeping cat"]),
    ("", ["a plane flies over the city", "an airplane in the sky", "a plane above buildings",
          "the plane is flying", "a white airplane"]),
    ("an unseen zebra eats wonderfully green grass on a hill near the old house",
     ["a zebra eats grass", "a zebra in a field", "the zebra is eating", "zebra near a tree",
      "a zebra grazes on a hill"]),
]


def main():
    scorer = CiderScorer()
    for candidate, references in IMAGES:
        scorer += (candidate, references)
    mean, scores = scorer.compute_score()
    print(json.dumps({"candidates": [c for c, _ in IMAGES], "references": [r for _, r in IMAGES],
                      "scores": [float(s) for s in scores], "mean": float(mean)}, indent=1))


main()
