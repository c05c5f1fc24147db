"""A folder of pictures captioned by a peer, all cores busy: used by compare_captioners.py.

Worker processes, one for each core, with one thread each. A worker decodes, resizes and encodes a picture at a time
(the encoder gains nothing by batches on a CPU) and decodes the sentences of a batch together: the decoder's weights are
read once for all of them. The workers take the next batch when they are through, so that none waits for another.
"""

import argparse
import json
import multiprocessing
import os
import time

import numpy as np

import peers


def work(arguments, paths, next_batch, barrier, results):
    peer = peers.PEERS[arguments.program](arguments.model, arguments.cache, 1)
    captions(peer, paths[:1], arguments)  # what is made at first use
    barrier.wait()
    while True:
        with next_batch.get_lock():
            start, next_batch.value = next_batch.value, next_batch.value + arguments.batch
        if start >= len(paths):
            break
        results.put(list(zip(paths[start:], captions(peer, paths[start:start + arguments.batch], arguments))))
    results.put(None)


def captions(peer, paths, arguments):
    features = []
    for start in range(0, len(paths), arguments.encoder_batch):
        pixels = np.stack([peer.pixels(path) for path in paths[start:start + arguments.encoder_batch]])
        features.append(np.array(peer.encode(pixels)))
    found = peers.beam_search(peer, np.concatenate(features), arguments.beam)
    return [peer.text(words) for words, _ in found]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--program", choices=peers.PEERS, default="ONNX Runtime")
    parser.add_argument("--model", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--encoder-batch", type=int, default=1)
    parser.add_argument("--beam", type=int, default=3)
    parser.add_argument("--captions", action="store_true", help="print them too")
    arguments = parser.parse_args()

    paths = sorted(entry.path for entry in os.scandir(arguments.folder) if entry.is_file())
    context = multiprocessing.get_context("spawn")
    next_batch, barrier = context.Value("q", 0), context.Barrier(arguments.workers + 1)
    results = context.Queue()
    workers = [context.Process(target=work, args=(arguments, paths, next_batch, barrier, results), daemon=True)
               for _ in range(arguments.workers)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start, found, working = time.perf_counter(), {}, len(workers)
    while working:
        batch = results.get()
        if batch is None:
            working -= 1
        else:
            found.update(batch)
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.join()
    result = {"pictures": len(found), "seconds": seconds}
    print(json.dumps(result | ({"captions": found} if arguments.captions else {})))


if __name__ == "__main__":
    main()
