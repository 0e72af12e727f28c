import sys
from multiprocessing import Pool


def f(x):
    print("task", x)
    return x


if __name__ == "__main__":
    print("main", flush=True)
    with Pool(1) as pool:
        print(pool.map(f, [1, 2]), flush=True)
        print(pool.apply(f, (3,)))
    sys.stdout.write("no line end")
