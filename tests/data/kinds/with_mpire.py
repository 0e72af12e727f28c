from mpire import WorkerPool


def double(x):
    return 2 * x


if __name__ == "__main__":
    with WorkerPool(n_jobs=2) as pool:
        print(pool.map(double, range(5)))
