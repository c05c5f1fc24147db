"""Golden values of BLEU, ROUGE-L and CIDEr-D by pycocoevalcap, and of CIDEr's first form by its formula.

    pip install pycocoevalcap numpy          # needs Java
    python make_scores_golden.py > scores_golden.json

The sentences are made up for this test.
"""

import json
import math
from collections import Counter

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.cider.cider_scorer import CiderScorer
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

IMAGES = [
    ("a dog runs on the grass", ["A brown dog runs on the grass.", "The dog is running through a field .",
                                 "A dog runs!", "a dog plays on green grass", "A brown dog's in a field."]),
    ("A man rides a bike.", ["A man rides a red bike down a hill", "a cyclist on a mountain trail",
                             "A man on a bike - isn't it?", "The man rides a bicycle in the woods",
                             "a man rides a bike"]),
    ("two children play", ["Two children play in the water", "children splash in a pool",
                           "2 kids play with \"water\"", "a boy and a girl in the pool"]),
    ("a a a a dog", ["a cat sleeps on a sofa", "the cat is asleep", "a gray cat on a couch"]),
    ("...", ["a plane flies over the city", "an airplane in the sky", "a plane above buildings",
             "the plane is flying", "a white airplane"]),
    ("an unseen zebra eats wonderfully green grass on a hill near the old house",
     ["a zebra eats grass", "a zebra in a field", "the zebra is eating", "zebra near a tree",
      "a zebra grazes on a hill"]),
    ("it's a well-dressed man's 20-year-old t-shirt",
     ["It's a well-dressed man.", "The man's t-shirt is 20 years old", "A 20-year-old in a t-shirt",
      "He's well dressed", "a t-shirt (old) and a man"]),
    ("the same words", ["the same words", "The same words ."]),
]


def original_cider(references, candidates):
    """Vedantam et al. 2015, equations 1 to 4, times 10 as in the published code; [images]"""
    def grams(sentence, n):
        words = sentence.split()
        return Counter(tuple(words[i:i + n]) for i in range(len(words) - n + 1))

    frequency = Counter()
    for image in references:
        frequency.update({g for caption in image for n in range(1, 5) for g in grams(caption, n)})

    def vector(sentence, n):
        return {g: c * math.log(len(references) / max(1, frequency[g])) for g, c in grams(sentence, n).items()}

    def norm(v):
        return math.sqrt(sum(x * x for x in v.values()))

    scores = []
    for image, candidate in zip(references, candidates):
        total = 0
        for caption in image:
            for n in range(1, 5):
                a, b = vector(candidate, n), vector(caption, n)
                if norm(a) and norm(b):
                    total += sum(x * b.get(g, 0) for g, x in a.items()) / norm(a) / norm(b)
        scores.append(10 * total / 4 / len(image))
    return scores


def score(references, candidates):
    names = range(len(references))
    gts, res = dict(zip(names, references)), {i: [c] for i, c in zip(names, candidates)}
    bleu, each_bleu = Bleu(4).compute_score(gts, res, verbose=0)
    rouge, each_rouge = Rouge().compute_score(gts, res)
    cider, each_cider = Cider().compute_score(gts, res)
    original = original_cider(references, candidates)
    return {
        "corpus": {"bleu": bleu, "rougeL": float(rouge), "ciderD": float(cider),
                   "cider": sum(original) / len(original)},
        "images": [{"bleu": list(b), "rougeL": float(r), "ciderD": float(c), "cider": o}
                   for b, r, c, o in zip(zip(*each_bleu), each_rouge, each_cider, original)],
    }


def mean(values):
    return sum(values) / len(values)


def main():
    tokenizer = PTBTokenizer()
    # A line between the captions, since the tokenizer looks into the next one for where a sentence ends.
    pad = {"caption": "and so on"}
    tokens = tokenizer.tokenize({i: [x for c in [candidate, *references] for x in ({"caption": c}, pad)]
                                 for i, (candidate, references) in enumerate(IMAGES)})
    candidates = [tokens[i][0] for i in range(len(IMAGES))]
    references = [tokens[i][2::2] for i in range(len(IMAGES))]
    golden = {"candidates": [c for c, _ in IMAGES], "references": [r for _, r in IMAGES],
              **score(references, candidates)}

    # Document frequencies of other images: the first four.
    scorer = CiderScorer()
    for candidate, image in zip(candidates, references):
        scorer += (candidate, image)
    other = CiderScorer()
    for candidate, image in zip(candidates[:4], references[:4]):
        other += (candidate, image)
    other.compute_doc_freq()
    scorer.document_frequency, crefs = other.document_frequency, scorer.crefs
    # `compute_cider` takes the number of images from the references, and refers to them in no other way but in turn.
    class Four(list):
        def __len__(self):
            return 4
    scorer.crefs = Four(crefs)
    golden["otherFrequencies"] = [float(s) for s in scorer.compute_cider()]

    rounds = []
    for k in range(max(map(len, references))):
        left = [[c for j, c in enumerate(image) if j != k % len(image)] for image in references]
        rounds.append(score(left, [image[k % len(image)] for image in references])["corpus"])
    golden["people"] = {key: mean([r[key] for r in rounds]) for key in ("rougeL", "ciderD", "cider")}
    golden["people"]["bleu"] = [mean([r["bleu"][n] for r in rounds]) for n in range(4)]
    print(json.dumps(golden, indent=1))


main()
