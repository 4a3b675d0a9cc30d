"""Text of any size through lmz on Apache Spark: every partition becomes a frame that decodes by itself.

    spark-submit lmz_spark.py compress INPUT OUTPUT [--partitions N] [--lmz "lmz -6"]
    spark-submit lmz_spark.py decompress INPUT OUTPUT [--lmz lmz]

INPUT is what Spark reads as text (a file, a directory, a pattern; file:, hdfs: …). OUTPUT is a directory of part-NNNNN.lmz,
or of text again. The parts in the order of their names, one behind the other, are an archive of the whole:
`cat OUTPUT/part-*.lmz | lmz -dc`. Several files come in the order in which the file system lists them.

lmz must be on every machine, the same version; a model file or adapter of --lmz "lmz --model F" as well.
"""

import argparse
import shlex
import subprocess

from pyspark.sql import SparkSession


def run(command, content):
    """What lmz makes of bytes; an error of it is an error of the task, so that Spark tries again and then gives up."""
    done = subprocess.run(command, input=content, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def compressed(lines, lmz="lmz"):
    """An RDD of lines as an RDD of (partition, frame). Partitions without lines have no frame."""
    command = shlex.split(lmz) + ["-T1", "-c"]

    def compress_partition(number, part):
        text = "".join(line + "\n" for line in part).encode()
        if text:
            yield number, run(command, text)

    return lines.mapPartitionsWithIndex(compress_partition)


def restored(files, lmz="lmz"):
    """An RDD of (name, archive), as SparkContext.binaryFiles has it, as an RDD of lines."""
    command = shlex.split(lmz) + ["-T1", "-dc"]
    return files.flatMap(lambda file: run(command, bytes(file[1])).decode().removesuffix("\n").split("\n"))


def save(frames, output, context):
    """Writes the frames of `compressed` as OUTPUT/part-NNNNN.lmz, each under another name until it is whole."""
    jvm, configuration = context._jvm, context._jsc.hadoopConfiguration()
    folder = jvm.org.apache.hadoop.fs.Path(output)
    system = folder.getFileSystem(configuration)
    if system.exists(folder):
        raise FileExistsError(f"{output}: already exists")
    # Frames come to the driver one partition at a time.
    for number, frame in frames.toLocalIterator(prefetchPartitions=True):
        temporary = jvm.org.apache.hadoop.fs.Path(folder, f"_part-{number:05d}.tmp")
        stream = system.create(temporary)
        stream.write(frame)
        stream.close()
        system.rename(temporary, jvm.org.apache.hadoop.fs.Path(folder, f"part-{number:05d}.lmz"))
    system.create(jvm.org.apache.hadoop.fs.Path(folder, "_SUCCESS")).close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operation", choices=["compress", "decompress"])
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--partitions", type=int, help="frames to make, at least; Spark decides unless given")
    parser.add_argument("--lmz", default="lmz", help="program and options, the same on every machine")
    arguments = parser.parse_args()
    context = SparkSession.builder.appName("lmz").getOrCreate().sparkContext
    if arguments.operation == "compress":
        lines = context.textFile(arguments.input, arguments.partitions)
        save(compressed(lines, arguments.lmz), arguments.output, context)
    else:
        files = context.binaryFiles(arguments.input + "/part-*.lmz").sortByKey()
        restored(files, arguments.lmz).saveAsTextFile(arguments.output)


if __name__ == "__main__":
    main()
