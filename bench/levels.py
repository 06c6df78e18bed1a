"""Compresses a built zip with each level of libdeflate: ``python -m bench.levels ZIP``."""

import sys
import time
import zipfile

import deflate


def main(path: str) -> None:
    """Print a row for each level: bytes, and seconds on one core."""
    with zipfile.ZipFile(path) as archive:
        contents = [archive.read(name) for name in archive.namelist()]
    total = sum(map(len, contents))
    print("| level | MB | of its size | CPU s |\n|---:|---:|---:|---:|")
    for level in range(1, 13):
        started = time.process_time()
        size = sum(len(deflate.deflate_compress(content, level)) for content in contents)
        seconds = time.process_time() - started
        print(f"| {level} | {size / 1e6:.2f} | {size / total:.4f} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
