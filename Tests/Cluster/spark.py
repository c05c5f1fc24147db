"""Captions pictures on a local cluster of Apache Spark with two workers, kills one of them in the middle, and counts the captions.

    swift build -c release
    python3 -m venv /tmp/spark && /tmp/spark/bin/pip install pyspark pandas pyarrow      # and Java 17 or later
    /tmp/spark/bin/python Tests/Cluster/spark.py [--pictures 500] [--compare]

With --compare nothing is killed: the same is done by one worker and by two, and the times are told. The function that captions a
partition is that of the article `Clusters`, word for word.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("NARRATE", os.path.join(ROOT, ".build/release/narrate"))
ARTICLE = os.path.join(ROOT, "Sources/Narration/Narration.docc/Clusters.md")
PICTURES = ["astronaut", "cat", "coffee", "dog", "horses", "rocket"]
PARTITIONS = 20


def example():
    """The article's Python, up to where Spark reads the files."""
    with open(ARTICLE) as file:
        code = re.search(r"```python\n(.*?)\npictures = ", file.read(), re.S).group(1)
    scope = {"__name__": "__main__"}
    exec(code, scope)
    return scope["caption"]


def prepare(folder, count):
    os.mkdir(folder)
    for number in range(count):
        with open(os.path.join(ROOT, "assets", PICTURES[number % 6] + ".jpg"), "rb") as file:
            data = file.read()
        with open(os.path.join(folder, "%04d.jpg" % number), "wb") as file:
            file.write(data + b"%d" % number)


class Cluster:
    """A master, and workers with a core each."""

    def __init__(self, folder, workers):
        import pyspark
        home = os.path.dirname(pyspark.__file__)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = "spark://127.0.0.1:%d" % port
        self.environment = dict(
            os.environ, SPARK_HOME=home, SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable,
            NARRATE_MODELS=os.path.join(ROOT, "models"),
            PATH=os.path.join(folder, "bin") + ":" + os.environ["PATH"])
        self.log = open(os.path.join(folder, "spark.log"), "ab")
        start = [os.path.join(home, "bin/spark-class")]
        self.master = self.start(start + [
            "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"])
        self.workers = [
            self.start(start + [
                "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0",
                "--work-dir", os.path.join(folder, "work%d" % number), self.url])
            for number in range(workers)]

    def start(self, command):
        return subprocess.Popen(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)

    def kill(self, process):
        """With its executors, at once, as where a machine loses its power."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def stop(self):
        for process in self.workers + [self.master]:
            self.kill(process)


def work(folder, count, workers, kills):
    """The rows, and the seconds from the first task to the last."""
    from pyspark.sql import SparkSession
    cluster = Cluster(folder, workers)
    os.environ.update(cluster.environment)
    session = None
    try:
        session = (
            SparkSession.builder.master(cluster.url).appName("narrate").config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1").config("spark.ui.enabled", "false")
            .config("spark.executor.memory", "512m").config("spark.cores.max", str(workers))
            .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
            .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "8").getOrCreate())
        session.sparkContext.setLogLevel("ERROR")
        pictures = session.read.format("binaryFile").option("pathGlobFilter", "*.jpg").load(os.path.join(folder, "photos"))
        captions = pictures.select("path", "content").repartition(PARTITIONS).mapInPandas(
            example(), "path string, caption string, confidence double, error string")
        tracker = session.sparkContext.statusTracker()
        done = threading.Event()

        def kill_in_the_middle():
            while not done.wait(0.05):
                stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
                if any(stage and stage.numTasks == PARTITIONS and stage.numCompletedTasks >= PARTITIONS // 3 for stage in stages):
                    print("killing one of %d workers after %d of %d partitions" % (
                        workers, max(stage.numCompletedTasks for stage in stages), PARTITIONS), flush=True)
                    return cluster.kill(cluster.workers[0])

        killer = threading.Thread(target=kill_in_the_middle)
        if kills:
            killer.start()
        start = time.monotonic()
        rows = captions.collect()
        seconds = time.monotonic() - start
        done.set()
        if kills:
            killer.join()
            assert cluster.workers[0].poll() is not None, "nothing was killed"
        return rows, seconds
    finally:
        if session:
            session.stop()
        cluster.stop()


def check(rows, count):
    paths = sorted(os.path.basename(row.path) for row in rows)
    expected = ["%04d.jpg" % number for number in range(count)]
    captions = {}
    for row in rows:
        captions.setdefault(int(os.path.basename(row.path)[:4]) % 6, set()).add(row.caption)
    if paths != expected:
        return "%d rows of %d pictures" % (len(paths), len(set(paths)))
    if any(row.error or not row.caption for row in rows):
        return "errors: %s" % {row.error for row in rows}
    if any(len(kinds) != 1 for kinds in captions.values()):
        return "the same picture has several captions: %s" % captions
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare(os.path.join(folder, "photos"), options.pictures)
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.realpath(PROGRAM), os.path.join(folder, "bin/narrate"))
        for workers in [1, 2] if options.compare else [2]:
            rows, seconds = work(folder, options.pictures, workers, kills=not options.compare)
            problem = check(rows, options.pictures)
            print("%d workers: %d captions in %.1f s, each picture once" % (workers, len(rows), seconds) if not problem else problem, flush=True)
            if problem:
                with open(os.path.join(folder, "spark.log"), errors="replace") as file:
                    print(file.read()[-2000:])
                sys.exit(1)


main()
