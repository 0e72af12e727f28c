from multiprocessing import shared_memory

from tqdm.contrib.concurrent import process_map, thread_map


def double(x):
    return 2 * x


if __name__ == "__main__":
    memory = shared_memory.SharedMemory(create=True, size=8)
    memory.buf[0] = 7
    print(process_map(double, range(4), max_workers=2, chunksize=1, disable=True))
    print(thread_map(double, range(3), max_workers=2, disable=True))
    print(memory.buf[0])
    memory.close()
    memory.unlink()
